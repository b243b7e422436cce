# Installs the packages given as arguments without starting their services. Words of the form `service:NAME` name
# services that these packages bring: they are kept from starting with the machine, too.
set -eu
export DEBIAN_FRONTEND=noninteractive

packages=
services=
for word; do
    case "$word" in
    service:*) services="$services ${word#service:}" ;;
    *) packages="$packages $word" ;;
    esac
done

# Debian asks this file whether a service may start; 101 says no. A policy that is there already is put back afterwards.
policy=/usr/sbin/policy-rc.d
kept=$policy.before-xtask
back() {
    rm -f "$policy"
    if [ -e "$kept" ]; then mv "$kept" "$policy"; fi
}
trap back EXIT
trap 'exit 130' HUP INT TERM
if [ -e "$policy" ] && [ ! -e "$kept" ]; then mv "$policy" "$kept"; fi
printf '#!/bin/sh\nexit 101\n' > "$policy"
chmod 755 "$policy"

# A bare machine has no lists of packages, an old one has stale ones. One broken source must not stop the others.
apt-get update -q || echo 'apt-get update failed; going on with the lists that are there' >&2
apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=300 $packages

for service in $services; do
    if [ -e "/etc/init.d/$service" ]; then update-rc.d "$service" disable || true; fi
done
