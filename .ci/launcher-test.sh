#!/usr/bin/env bash
# Tests ./mvnw, ./troupe and .mvn/find-jdk.sh with made-up JDKs, a made-up Maven and a PATH that holds nothing else.
# Needs no JDK, Maven or network. Ends with "N passed, N failed".
set -euo pipefail

checkout=$(cd "$(dirname "$0")/.." && pwd -P)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

# A folder with a space, as people have them.
root="$work/my troupe"
tools="$work/tools"
mkdir -p "$root" "$tools" "$work/home"
for tool in sh cat cp curl dirname env find grep gzip head kill ln mkdir mktemp mv readlink rm sed sha256sum sleep tail tar touch tr; do
  ln -s "$(command -v "$tool")" "$tools/$tool"
done
cp -R "$checkout/mvnw" "$checkout/troupe" "$checkout/.mvn" "$root"

# jdk FOLDER VERSION: a JDK whose java prints how it was called, and makes the start-up cache it is asked for unless
# $work/no-cache exists.
jdk() {
  mkdir -p "$1/bin"
  echo "JAVA_VERSION=\"$2\"" >"$1/release"
  cat >"$1/bin/java" <<END
#!/bin/sh
if [ "\$1" = -XshowSettings:properties ]; then
  echo "    java.home = $1"
  exit
fi
for argument; do
  case \$argument in
    -XX:AOTCacheOutput=*)
      : >"\${argument#*=}"
      [ ! -e "$work/no-cache" ] || exit 1
      ;;
  esac
done
echo "java $2:\${LC_ALL:+ LC_ALL=\$LC_ALL}"
printf '<%s>\n' "\$@"
END
  printf '#!/bin/sh\n' >"$1/bin/javac"
  chmod +x "$1/bin/java" "$1/bin/javac"
}

# run [NAME=VALUE]... COMMAND...: runs with nothing of this shell's environment; sets status, out and err.
run() {
  status=0
  env -i HOME="$work/home" PATH="$tools" TROUPE_JDK_FOLDERS="$work/no such folder" "$@" >"$work/out" 2>"$work/err" || status=$?
  out=$(cat "$work/out")
  err=$(cat "$work/err")
}

# expect NAME CONDITION...
expect() {
  local name=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    printf 'FAILED: %s\n  condition: %s\n  exit code %s\n  stdout: %s\n  stderr: %s\n' "$name" "$*" "$status" "$out" "$err"
  fi
}

has() { [[ $1 == *"$2"* ]]; }
lacks() { [[ $1 != *"$2"* ]]; }

# shellcheck disable=SC2016
find_jdk=(sh -c '. "$0/.mvn/find-jdk.sh"; find_jdk test; echo "$JDK_VERSION $JAVA_HOME"' "$root")
jdks="$work/jdks of mine"
jdk "$jdks/17" 17.0.15
jdk "$jdks/25" 25.0.3

echo "== the JDK"
run JAVA_HOME="$jdks/25" "${find_jdk[@]}"
expect "JAVA_HOME is taken" [ "$out" = "25.0.3 $jdks/25" ]
run TROUPE_JDK_FOLDERS="$jdks" "${find_jdk[@]}"
expect "the usual folders are searched" [ "$out" = "25.0.3 $jdks/25" ]
run JAVA_HOME="$jdks/17" TROUPE_JDK_FOLDERS="$work/none:$jdks" "${find_jdk[@]}"
expect "an old JAVA_HOME is passed over" [ "$out" = "25.0.3 $jdks/25" ]
mkdir "$work/macos" && mkdir -p "$work/macos/jdk-25.jdk/Contents" && cp -R "$jdks/25" "$work/macos/jdk-25.jdk/Contents/Home"
run TROUPE_JDK_FOLDERS="$work/macos" "${find_jdk[@]}"
expect "the layout of macOS is known" [ "$out" = "25.0.3 $work/macos/jdk-25.jdk/Contents/Home" ]
mkdir "$work/path25" "$work/path17" "$work/shim"
ln -s "$jdks/25/bin/java" "$work/alternative"
ln -s ../alternative "$work/path25/java"
ln -s "$jdks/17/bin/java" "$work/path17/java"
run PATH="$work/path25:$tools" "${find_jdk[@]}"
expect "java on the PATH is followed through links" [ "$out" = "25.0.3 $jdks/25" ]
run PATH="$work/path17:$tools" TROUPE_JDK_FOLDERS="$jdks" "${find_jdk[@]}"
expect "an old java on the PATH is passed over" [ "$out" = "25.0.3 $jdks/25" ]
printf '#!/bin/sh\nexec "%s" "$@"\n' "$jdks/25/bin/java" >"$work/shim/java"
chmod +x "$work/shim/java"
run PATH="$work/shim:$tools" "${find_jdk[@]}"
expect "a java that is a script is asked for its home" [ "$out" = "25.0.3 $jdks/25" ]
for version in 25.0.3 25.0.3.1 25.0.10 25.1.0 26 26-ea 27.0.1; do
  rm -rf "$work/one" && jdk "$work/one/jdk" "$version"
  run TROUPE_JDK_FOLDERS="$work/one" "${find_jdk[@]}"
  expect "$version is new enough" [ "$out" = "$version $work/one/jdk" ]
done
for version in 1.8.0_412 9.0.4 24.0.9 25 25-ea 25.0.2; do
  rm -rf "$work/one" && jdk "$work/one/jdk" "$version"
  run TROUPE_JDK_FOLDERS="$work/one" "${find_jdk[@]}"
  expect "$version is too old" [ "$status" = 69 ]
done
rm -rf "$work/one" && jdk "$work/one/jre" 25.0.3 && rm "$work/one/jre/bin/javac"
run TROUPE_JDK_FOLDERS="$work/one" "${find_jdk[@]}"
expect "a runtime without a compiler is not a JDK" [ "$status" = 69 ]
expect "and the message says so" has "$err" "25.0.3 without a compiler"
run JAVA_HOME="$work/nothing" PATH="$work/path17:$tools" "${find_jdk[@]}"
expect "none: exit code 69" [ "$status" = 69 ]
expect "none: nothing on stdout" [ -z "$out" ]
expect "none: one line" [ "$(wc -l <"$work/err")" = 1 ]
expect "none: the version wanted" has "$err" "no JDK 25.0.3 or later found"
expect "none: what JAVA_HOME is" has "$err" "JAVA_HOME is no JDK"
expect "none: what java is" has "$err" "java on the PATH is 17.0.15"
expect "none: the fix" has "$err" "set JAVA_HOME"

# charmap NAME: a folder with a tool whose `locale charmap` is NAME.
charmap() {
  mkdir -p "$work/locale-$1"
  # shellcheck disable=SC2016
  printf '#!/bin/sh\n[ "$1" = charmap ] && echo "%s"\n' "$1" >"$work/locale-$1/locale"
  chmod +x "$work/locale-$1/locale"
}
charmap ANSI_X3.4-1968
charmap UTF-8
# shellcheck disable=SC2016
locale_of=(sh -c '. "$0/.mvn/find-jdk.sh"; find_jdk test; echo "$LC_ALL"' "$root")
run JAVA_HOME="$jdks/25" LC_ALL=C PATH="$work/locale-ANSI_X3.4-1968:$tools" "${locale_of[@]}"
expect "without a locale there is one of UTF-8" [ "$out" = C.UTF-8 ]
run JAVA_HOME="$jdks/25" LC_ALL=de_DE.UTF-8 PATH="$work/locale-UTF-8:$tools" "${locale_of[@]}"
expect "a locale of UTF-8 is left alone" [ "$out" = de_DE.UTF-8 ]

echo "== ./mvnw"
# maven VERSION FOLDER: a Maven that prints how it was called.
maven() {
  mkdir -p "$2"
  # shellcheck disable=SC2016
  printf '#!/bin/sh\nif [ "$1" = -v ]; then echo "Apache Maven %s (x)"; exit; fi\necho "maven %s $JAVA_HOME $*"\n' "$1" "$1" >"$2/mvn"
  chmod +x "$2/mvn"
}
maven 3.8.7 "$work/maven38"
maven 3.6.3 "$work/maven36"
run JAVA_HOME="$jdks/25" PATH="$work/maven38:$tools" "$root/mvnw" verify
expect "an installed Maven serves" [ "$out" = "maven 3.8.7 $jdks/25 verify" ]
expect "the JDK is named" has "$err" "JDK 25.0.3 in $jdks/25"
run JAVA_HOME="$jdks/17" TROUPE_JDK_FOLDERS="$jdks" PATH="$work/maven38:$tools" "$root/mvnw" verify
expect "an old JAVA_HOME is said to be passed over" has "$err" "JDK 25.0.3 in $jdks/25 (JAVA_HOME is 17.0.15)"
expect "that Maven is named" has "$err" "Maven 3.8.7 in $work/maven38/mvn"
maven 3.9.12 "$work/dist/apache-maven-3.9.12/bin"
archive="$work/apache-maven-3.9.12-bin.tar.gz"
tar -czf "$archive" -C "$work/dist" apache-maven-3.9.12
pin() { printf 'distributionUrl=file://%s\ndistributionSha256Sum=%s\n' "$archive" "$1" >"$root/.mvn/wrapper/maven-wrapper.properties"; }
pin 0000
run JAVA_HOME="$jdks/25" PATH="$work/maven36:$tools" "$root/mvnw" verify
expect "a download with another SHA-256 is refused" [ "$status" = 70 ]
expect "and nothing of it is kept" [ -z "$(find "$work/home" -type f)" ]
sum=$(sha256sum "$archive")
pin "${sum%% *}"
run JAVA_HOME="$jdks/25" PATH="$work/maven36:$tools" "$root/mvnw" verify
expect "an old Maven is passed over for the pinned one" [ "$out" = "maven 3.9.12 $jdks/25 verify" ]
mv "$archive" "$archive.gone"
run JAVA_HOME="$jdks/25" "$root/mvnw" verify
expect "which is fetched once" [ "$out" = "maven 3.9.12 $jdks/25 verify" ]
rm -rf "$work/home/.m2"
run JAVA_HOME="$jdks/25" "$root/mvnw" verify
expect "no Maven and no network: exit code 70" [ "$status" = 70 ]
expect "no Maven and no network: the fix" has "$err" "install Maven 3.8 or later"

echo "== ./troupe"
mkdir -p "$root/kernels/src/main" "$root/bench/target/launcher" "$work/libs"
touch "$root/pom.xml" "$root/kernels/pom.xml" "$root/kernels/src/main/A.java" "$work/libs/b.jar" "$work/libs/a.jar"
cat >"$root/mvnw" <<END
#!/bin/sh
echo built >>"$work/builds"
[ ! -e "$work/broken" ] || { echo "[ERROR] A.java:[1,2] no"; exit 1; }
printf '%s' "$work/libs/b.jar:$work/libs/a.jar" >bench/target/launcher/runtime-classpath
echo >bench/target/launcher/troupe-bench-1.jar
END
builds() { wc -l <"$work/builds"; }
app="$root/target/app"
flags="<@$app/jvm.options>
<-XX:AOTCache=$app/troupe.aot>"
run JAVA_HOME="$jdks/25" "$root/troupe" run "a b" --set 'x=*'
expect "first use builds" [ "$(builds)" = 1 ]
expect "says so in one line" [ "$(wc -l <"$work/err")" = 1 ]
expect "and starts" [ "$out" = "java 25.0.3:
$flags
<-cp>
<$app/a.jar:$app/b.jar:$app/troupe-bench-1.jar>
<dev.troupe.bench.cli.Main>
<run>
<a b>
<--set>
<x=*>" ]
run JAVA_HOME="$jdks/25" TROUPE_JAVA_OPTS="-Xmx1g -XX:UseAVX=2" "$root/troupe" list
expect "the second use does not build" [ "$(builds)" = 1 ]
expect "and says nothing" [ -z "$err" ]
expect "TROUPE_JAVA_OPTS go to Java" has "$out" "<-Xmx1g>
<-XX:UseAVX=2>"
ln -s "$root/troupe" "$work/link"
cd /
run JAVA_HOME="$jdks/25" "$work/link" list
expect "works through a link and from elsewhere" has "$out" "$flags"
expect "and does not build for that" [ "$(builds)" = 1 ]
cd "$work"
run JAVA_HOME="$jdks/25" "my troupe/troupe" list
expect "works by a relative path" has "$out" "$flags"
sleep 0.1
touch "$root/kernels/src/main/A.java"
run JAVA_HOME="$jdks/25" "$root/troupe" list
expect "a newer source is built" [ "$(builds)" = 2 ]
cp -R "$jdks/25" "$jdks/other"
run JAVA_HOME="$jdks/other" "$root/troupe" list
expect "another JDK is built for" [ "$(builds)" = 3 ]
expect "and named" has "$err" "JDK 25.0.3 in $jdks/other"
touch "$work/broken" "$root/pom.xml"
sleep 0.1
touch "$root/pom.xml"
run JAVA_HOME="$jdks/other" "$root/troupe" list
expect "a failed build: exit code 70" [ "$status" = 70 ]
expect "a failed build: the error" has "$err" "A.java:[1,2] no"
expect "a failed build: nothing starts" [ -z "$out" ]
rm "$work/broken"
touch "$work/no-cache"
ln -s 999999999 "$root/target/app.lock"
run JAVA_HOME="$jdks/other" "$root/troupe" list
expect "the lock of a killed build is taken over" [ "$status" = 0 ]
expect "it starts without the cache that could not be made" lacks "$out" AOTCache
expect "and leaves nothing of it" [ -z "$(find "$app" -name '*.aot')" ]
rm "$work/no-cache"
expect "and given back" [ ! -L "$root/target/app.lock" ]
touch "$root/pom.xml"
sleep 0.1
touch "$root/pom.xml"
before=$(builds)
for i in 1 2 3; do
  env -i HOME="$work/home" PATH="$tools" JAVA_HOME="$jdks/other" "$root/troupe" list >"$work/out.$i" 2>&1 &
done
wait
expect "three at once build once" [ "$(builds)" = $((before + 1)) ]
expect "and all three start" [ "$(cat "$work"/out.? | grep -c '^<list>')" = 3 ]
run "$root/troupe" list
expect "no JDK: exit code 69" [ "$status" = 69 ]

echo "== bin/troupe of a distribution"
dist="$work/dist of troupe"
mkdir -p "$dist/bin" "$dist/lib"
cp "$checkout/troupe" "$dist/bin"
touch "$dist/lib/a.jar"
jdk "$dist/runtime" 25.0.9
ln -s "$dist/bin/troupe" "$work/dist-link"
run "$work/dist-link" list
expect "starts its own Java" has "$out" "java 25.0.9:"
expect "with its own jars" has "$out" "lib/a.jar>"
run PATH="$work/locale-ANSI_X3.4-1968:$tools" "$work/dist-link" list
expect "and, without a locale, with names in UTF-8" has "$out" "java 25.0.9: LC_ALL=C.UTF-8"

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
