# shellcheck shell=sh disable=SC2034
# Sourced by ./mvnw, ./troupe and .ci/run: finds a JDK of 25.0.3 or later and sets JAVA_HOME to it.
# POSIX sh. It starts no JVM unless a `java` on the PATH is a script that hides its home.

TROUPE_JDK_MINIMUM=25.0.3
TROUPE_EXIT_NO_JDK=69

# jdk_version HOME: sets jdk_version to what HOME/release says, or to nothing.
jdk_version() {
  jdk_version=
  [ -r "$1/release" ] || return 0
  while IFS='=' read -r jdk_key jdk_value; do
    if [ "$jdk_key" = JAVA_VERSION ]; then
      jdk_version=${jdk_value#\"}
      jdk_version=${jdk_version%%\"*}
    fi
  done <"$1/release"
}

# jdk_number TEXT FIELD: sets jdk_number to the FIELD-th of TEXT's dotted numbers ("25.0.3", "26-ea").
jdk_number() {
  jdk_rest=$1.0.0
  jdk_field=$2
  while [ "$jdk_field" -gt 1 ]; do
    jdk_rest=${jdk_rest#*.}
    jdk_field=$((jdk_field - 1))
  done
  jdk_number=${jdk_rest%%.*}
  jdk_number=${jdk_number%%[!0-9]*}
  jdk_number=${jdk_number:-0}
}

# jdk_at_least VERSION MINIMUM
jdk_at_least() {
  for jdk_index in 1 2 3; do
    jdk_number "$1" "$jdk_index"
    jdk_have=$jdk_number
    jdk_number "$2" "$jdk_index"
    [ "$jdk_have" -eq "$jdk_number" ] || {
      [ "$jdk_have" -gt "$jdk_number" ]
      return
    }
  done
}

# jdk_try HOME NAME: true, and JDK_HOME and JDK_VERSION set, if HOME is a JDK that will do. Otherwise JDK_SEEN
# remembers under NAME what was there.
jdk_try() {
  jdk_version "$1"
  if [ -z "$jdk_version" ]; then
    jdk_problem="no JDK"
  elif [ ! -x "$1/bin/java" ] || [ ! -x "$1/bin/javac" ]; then
    jdk_problem="$jdk_version without a compiler"
  elif jdk_at_least "$jdk_version" "$TROUPE_JDK_MINIMUM"; then
    JDK_HOME=$1
    JDK_VERSION=$jdk_version
    return 0
  else
    jdk_problem=$jdk_version
  fi
  if [ -n "$jdk_version" ] || [ "$2" = JAVA_HOME ]; then
    JDK_SEEN="$JDK_SEEN${JDK_SEEN:+, }$2 is $jdk_problem"
  fi
  return 1
}

# jdk_home_of_java FILE: sets jdk_home to the home of this `java`, through symbolic links.
jdk_home_of_java() {
  jdk_java=$1
  while [ -L "$jdk_java" ]; do
    jdk_link=$(readlink "$jdk_java")
    case $jdk_link in
      /*) jdk_java=$jdk_link ;;
      *) jdk_java=${jdk_java%/*}/$jdk_link ;;
    esac
  done
  jdk_home=$(CDPATH='' cd -- "${jdk_java%/*}/.." 2>/dev/null && pwd -P) || jdk_home=
  [ -r "$jdk_home/release" ] && return 0
  jdk_home=$("$1" -XshowSettings:properties -version 2>&1 | sed -n 's/^ *java\.home = //p')
}

# find_jdk NAME: sets and exports JAVA_HOME, sets JDK_VERSION, and JDK_PASSED_OVER to what JAVA_HOME was if that would
# not do. NAME begins the message where there is none.
find_jdk() {
  JDK_SEEN=
  JDK_HOME=
  if [ -n "${JAVA_HOME:-}" ]; then
    jdk_try "${JAVA_HOME%/}" JAVA_HOME || :
  fi
  JDK_PASSED_OVER=$JDK_SEEN
  if [ -z "$JDK_HOME" ] && jdk_path=$(command -v java); then
    jdk_home_of_java "$jdk_path"
    jdk_try "$jdk_home" "java on the PATH" || :
  fi
  if [ -z "$JDK_HOME" ]; then
    # TROUPE_JDK_FOLDERS: folders to look in instead of the usual ones, separated by colons.
    jdk_usual=/usr/lib/jvm:/usr/java:/opt:/Library/Java/JavaVirtualMachines:${HOME:-/}/.sdkman/candidates/java:${HOME:-/}/.jdks:${HOME:-/}/.local/share/mise/installs/java:${HOME:-/}/Library/Java/JavaVirtualMachines
    jdk_ifs=$IFS
    IFS=:
    for jdk_folder in ${TROUPE_JDK_FOLDERS-$jdk_usual}; do
      IFS=$jdk_ifs
      for jdk_candidate in "$jdk_folder"/*; do
        if [ -d "$jdk_candidate/Contents/Home" ]; then
          jdk_candidate=$jdk_candidate/Contents/Home
        fi
        jdk_try "$jdk_candidate" "$jdk_candidate" && break 2
      done
    done
    IFS=$jdk_ifs
  fi
  if [ -z "$JDK_HOME" ]; then
    echo "$1: no JDK $TROUPE_JDK_MINIMUM or later found${JDK_SEEN:+ ($JDK_SEEN)}; install one, for example Eclipse Temurin 25, and set JAVA_HOME to its folder" >&2
    exit "$TROUPE_EXIT_NO_JDK"
  fi
  JAVA_HOME=$JDK_HOME
  export JAVA_HOME
  # Without a locale, as in most containers, Java knows no file names beyond ASCII.
  if [ "$(locale charmap 2>/dev/null)" = ANSI_X3.4-1968 ]; then
    LC_ALL=C.UTF-8
    export LC_ALL
  fi
}
