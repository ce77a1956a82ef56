#!/usr/bin/env bash
# Does what docs/cpp-in-fifteen-minutes.md tells, as it stands there, on a Debian 12 with nothing on
# it: a folder that debootstrap fills, entered with chroot. Its commands are run in one shell, its
# files are written where that is, and what it says that is printed must be. Tells how long each
# block of commands took.
#
# Needs root, debootstrap, git, and the network. The library is that of HEAD, the page that of the
# working folder. GUIDE_BASE=folder takes a system that debootstrap has made, and copies it.
set -euo pipefail
cd "$(dirname "$0")/.."
page=docs/cpp-in-fifteen-minutes.md

# Whatever is mounted here is gone when this process ends, before anything is deleted.
if [ "${1:-}" = --inside ]; then
  root=$2
  mount -t proc proc "$root/proc"
  mount --rbind /dev "$root/dev"
  proxies=()
  for name in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY; do
    [ -z "${!name:-}" ] || proxies+=("$name=${!name}")
  done
  exec chroot "$root" /usr/bin/env -i HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    FRAMESEAL_REPOSITORY=/srv/frameseal.git ${proxies[@]+"${proxies[@]}"} /bin/bash /root/guide.bash
fi

for tool in debootstrap git unshare; do
  command -v $tool >/dev/null || { echo "there is no $tool" >&2; exit 1; }
done
work=$(mktemp -d)
trap 'rm -rf --one-file-system "$work"' EXIT
root=$work/root

# The page as a program. Blocks of commands stay in one shell; a block behind a line with nothing
# but a file's name is that file; a block of text is the end of what the commands before it print.
the_page_as_a_program() {
  cat <<'END'
set -e
cd
said=/root/said.txt
blocks=0 texts=0
exec 3>&1
trap '[ $? = 0 ] || { echo "FAILED: block $blocks of commands, it printed:"; cat $said; } >&3' EXIT
END
  awk '
    /^```./ {
      kind = substr($0, 4)
      inside = kind == "sh" || kind == "text" || file != ""
      if (kind == "sh") print "start=$SECONDS; blocks=$((blocks + 1)); {"
      else if (kind == "text") print "cat >/root/expected.txt <<\"END-OF-BLOCK\""
      else if (inside) print "cat >" file " <<\"END-OF-BLOCK\""
      next
    }
    /^```$/ {
      if (inside && kind != "sh") print "END-OF-BLOCK"
      if (kind == "sh") print "} >$said 2>&1\necho \"ok: block $blocks: $((SECONDS - start)) s\""
      if (kind == "text") {
        print "tail -n \"$(wc -l </root/expected.txt)\" $said | diff /root/expected.txt -"
        print "echo \"ok: it prints what the page says\"; texts=$((texts + 1))"
      }
      inside = 0
      file = kind = ""
      next
    }
    inside { print; next }
    /^`[A-Za-z.]+`:$/ { file = substr($0, 2, length($0) - 3); next }
    /./ { file = "" }
  ' "$page"
  # A page that is not understood here would do nothing, and succeed.
  echo '[ "$blocks" -ge 5 ] && [ "$texts" = 2 ]'
}

start=$SECONDS
if [ -n "${GUIDE_BASE:-}" ]; then
  cp -a "$GUIDE_BASE" "$root"
else
  debootstrap --variant=minbase bookworm "$root" http://deb.debian.org/debian >"$work/log" ||
    { tail -n 20 "$work/log" >&2; exit 1; }
fi
echo "ok: an empty Debian: $((SECONDS - start)) s"

# As the installer of Debian writes it.
cat >"$root/etc/apt/sources.list" <<'END'
deb http://deb.debian.org/debian bookworm main
deb http://deb.debian.org/debian bookworm-updates main
deb http://deb.debian.org/debian-security bookworm-security main
END
# How this machine reaches the network is its own matter.
apt-config dump Acquire >"$root/etc/apt/apt.conf.d/99here"
cp -L /etc/resolv.conf "$root/etc/resolv.conf"
mkdir -p "$root/usr/local/share/ca-certificates" "$root/root/.cargo"
cp -rL /usr/local/share/ca-certificates "$root/usr/local/share/" 2>/dev/null || true
cp "${CARGO_HOME:-$HOME/.cargo}/config.toml" "$root/root/.cargo/" 2>/dev/null || true
git clone --quiet --bare . "$root/srv/frameseal.git"
the_page_as_a_program >"$root/root/guide.bash"

start=$SECONDS
unshare --mount --propagation private "$0" --inside "$root"
echo "ok: the whole page: $((SECONDS - start)) s"
