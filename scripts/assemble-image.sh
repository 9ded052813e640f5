#!/usr/bin/env bash
# Puts the root directory of the container image together in the directory that is its argument: see Dockerfile, whose stage
# "assembly" runs it, with the program in /opt/ecmp-exporter and Node in /usr/local/bin.
set -euo pipefail
image="$1"
program=/opt/ecmp-exporter
node=/usr/local/bin/node

mkdir -p "$image"/{etc,tmp,usr,var/lib/dpkg/status.d}
chmod 1777 "$image/tmp"
cp --parents --recursive "$program" /etc/ecmp-exporter "$node" "$image"
cp --parents --dereference /etc/os-release "$image"

# Libraries, with the loader, that Node and the compiled packages ask for. Those built for another C library (musl) name
# theirs as not found; they are never loaded here.
find "$program" -name '*.node' -exec ldd "$node" {} + 2>/dev/null |
  grep --only-matching --extended-regexp '/[^ :]+ \(0x' | cut -d' ' -f1 | sort --unique |
  xargs cp --parents --dereference --target-directory="$image"

# Scanners for known vulnerabilities look for packages here, readers for licences there.
for package in libc6 libgcc-s1 libstdc++6; do
  dpkg-query --status "$package" >"$image/var/lib/dpkg/status.d/$package"
  cp --parents --dereference "/usr/share/doc/$package/copyright" "$image"
done

printf 'root:x:0:0:root:/:/none\nnonroot:x:65532:65532:nonroot:/:/none\n' >"$image/etc/passwd"
printf 'root:x:0:\nnonroot:x:65532:\n' >"$image/etc/group"
# Names are looked up in /etc/hosts and the DNS, both of which the C library does without modules.
printf 'hosts: files dns\n' >"$image/etc/nsswitch.conf"

# The user that the program runs as can read all of it and write none.
chmod -R u=rwX,go=rX "$image/opt" "$image/etc"
chmod 755 "$image$node"
setcap cap_net_raw+ep "$image$node"
