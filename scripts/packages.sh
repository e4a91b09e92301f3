#!/bin/sh
# The compilers that tests of the device's code need, and a browser for those of the report, on
# Debian or Ubuntu. Tests whose program is not there skip.
set -eu
as_root=
[ "$(id -u)" = 0 ] || as_root=sudo
install() {
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
}
$as_root apt-get update -qq
install gcc libc6-dev clang gcc-arm-none-eabi libnewlib-arm-none-eabi
install "libclang-rt-$(clang -dumpversion | cut -d. -f1)-dev"
command -v chromium >/dev/null || command -v google-chrome >/dev/null || install chromium
