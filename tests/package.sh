#!/usr/bin/env bash
# Builds the Debian package, installs it, asks the installed program and takes
# it away again. Who is not root, or has smtpwhy installed, tries what the
# package holds without installing it. Needs cargo-deb.
set -eu

cd "$(dirname "$0")/.."

fail() {
    echo "package: $1" >&2
    exit 1
}

deb=$(cargo deb | tail -n 1)
version=$(dpkg-deb --field "$deb" Version)
contents=$(dpkg-deb --contents "$deb")

for file in \
    usr/bin/smtpwhy \
    usr/share/man/man1/smtpwhy.1.gz \
    usr/share/bash-completion/completions/smtpwhy \
    usr/share/zsh/vendor-completions/_smtpwhy \
    usr/share/fish/vendor_completions.d/smtpwhy.fish \
    usr/share/doc/smtpwhy/changelog.Debian.gz \
    usr/share/doc/smtpwhy/copyright; do
    grep -q " \./$file\$" <<<"$contents" || fail "$file is missing"
done
[ "$(dpkg-deb --field "$deb" Section)" = mail ] || fail "it is not in the section mail"
dpkg-deb --field "$deb" Depends | grep -q libc6 || fail "it does not name the libraries it needs"

root=$(mktemp -d)
installed=
leave() {
    [ -z "$installed" ] || dpkg --purge smtpwhy >/dev/null
    rm -rf "$root"
}
trap leave EXIT

dpkg-deb --extract "$deb" "$root"
zcat "$root/usr/share/doc/smtpwhy/changelog.Debian.gz" | head -n 1 | grep -q "($version)" || fail "the changelog does not begin with $version"
zcat "$root/usr/share/man/man1/smtpwhy.1.gz" | cmp -s - man/smtpwhy.1 || fail "the manual is not that of this version"

program=$root/usr/bin/smtpwhy
if [ "$(id -u)" = 0 ] && ! dpkg-query --show smtpwhy >/dev/null 2>&1; then
    dpkg --install "$deb" >/dev/null
    installed=yes
    program=/usr/bin/smtpwhy
fi

"$program" 550 5.7.26 | grep -q '^FIX ' || fail "the program does not answer"
[ "$("$program" -V)" = "smtpwhy ${version%-*}" ] || fail "the program is of another version"

if [ -n "$installed" ]; then
    if command -v man >/dev/null && [ -e /usr/share/man/man1/smtpwhy.1.gz ]; then
        [ "$(man -w smtpwhy)" = /usr/share/man/man1/smtpwhy.1.gz ] || fail "man does not find the manual"
    fi
    dpkg --purge smtpwhy >/dev/null
    installed=
    [ ! -e /usr/bin/smtpwhy ] || fail "the program is still there after its removal"
fi

size=$(stat -c %s "$root/usr/bin/smtpwhy")
echo "package: $(basename "$deb"), $(stat -c %s "$deb") bytes, the program $size bytes: fine"
