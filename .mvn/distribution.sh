#!/bin/sh
# Called by `./mvnw -Pdist package`, last of all: packs the program with its own Java runtime into
# target/troupe-VERSION-OS-ARCH.tar.gz.
# Usage: distribution.sh VERSION
set -eu

version=$1
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
name=troupe-$version-$(uname -s | tr '[:upper:]' '[:lower:]')-$(uname -m)
work=$root/target/distribution
dist=$work/$name

rm -rf "$work"
mkdir -p "$dist/bin" "$dist/lib"
cp "$root/troupe" "$dist/bin"
cp "$root/.mvn/jvm.options" "$root/bench/target/troupe-bench-$version.jar" "$dist/lib"
{ cat "$root/bench/target/runtime-classpath" && echo; } | tr ':' '\n' | while read -r jar; do
  cp "$jar" "$dist/lib"
done
cp "$root/LICENSE" "$root/README.md" "$dist"

# java.desktop draws the figures, java.sql is named by Jackson, jdk.management counts allocations and memory,
# jdk.unsupported is Unsafe and signals.
"$JAVA_HOME/bin/jlink" \
  --add-modules java.base,java.desktop,java.logging,java.management,java.sql,java.xml,jdk.incubator.vector,jdk.management,jdk.unsupported \
  --no-header-files --no-man-pages --generate-cds-archive --output "$dist/runtime"

archive=$root/target/$name.tar.gz
tar -czf "$archive.new" -C "$work" "$name"
mv "$archive.new" "$archive"
rm -rf "$work"
echo "$archive"
