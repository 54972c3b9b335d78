#!/usr/bin/env bash
# Installs what is missing on Debian to build, run or test Signalbox. Does nothing, at once, when all is there.
#   debian-packages.sh build | run | test | tidy [...]
# Works as root and for a user with sudo. Anywhere else than on Debian it only says what it would have installed.
set -euo pipefail

build=(g++ cmake ninja-build ccache mold git ca-certificates pkg-config
  qt6-base-dev qt6-charts-dev libqt6opengl6-dev qt6-svg-dev qtkeychain-qt6-dev qt6-tools-dev qt6-tools-dev-tools qt6-l10n-tools libgl1-mesa-dev
  libcurl4-openssl-dev libssl-dev libgit2-dev libical-dev nlohmann-json3-dev libsimdjson-dev libyaml-cpp-dev libre2-dev libcpp-httplib-dev libsodium-dev)
run=(fonts-dejavu-core fonts-inter fonts-jetbrains-mono fonts-noto-cjk qt6-translations-l10n)
tidy=(clang clang-format clang-tidy)
test=(prometheus prometheus-alertmanager kubernetes-client nghttp2-server curl openssl python3 python3-jsonschema python3-yaml
  libsecret-1-0 openssh-client openssh-server nginx-light fcgiwrap dpkg-dev patch xz-utils faketime xvfb openbox wmctrl xdotool dbus at-spi2-core
  docker-registry gh python3-gitlab python3-jenkins python3-pyatspi x11-utils imagemagick poppler-utils zsh fish)

wanted=()
for group in "$@"; do
  case $group in
    build) wanted+=("${build[@]}") ;;
    run) wanted+=("${run[@]}") ;;
    tidy) wanted+=("${tidy[@]}") ;;
    test) wanted+=("${test[@]}") ;;
    *) echo "debian-packages: build, run, test or tidy, not '$group'" >&2; exit 2 ;;
  esac
done

missing=()
for package in "${wanted[@]}"; do
  # Another vendor's kubectl serves as well and stands in the way of Debian's.
  if [[ $package == kubernetes-client ]] && command -v kubectl >/dev/null; then continue; fi
  [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
done
((${#missing[@]})) || exit 0

if ! command -v apt-get >/dev/null; then
  echo "These packages (Debian's names) are needed: ${missing[*]}" >&2
  exit 3
fi
admin=()
if [[ $EUID -ne 0 ]]; then
  command -v sudo >/dev/null || { echo "Please let an administrator install: ${missing[*]}" >&2; exit 3; }
  admin=(sudo)
fi
echo "Installing ${#missing[@]} packages: ${missing[*]}"
"${admin[@]}" apt-get update -qq
"${admin[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null

# Tests start these servers themselves, on loopback and ports of their own; they are not to run as services here.
if [[ -d /run/systemd/system ]]; then
  for package in "${missing[@]}"; do
    case $package in
      prometheus | prometheus-alertmanager | nghttp2-server)
        "${admin[@]}" systemctl disable --now --quiet "${package/nghttp2-server/nghttpx}" 2>/dev/null || true ;;
      nginx-light) "${admin[@]}" systemctl disable --now --quiet nginx 2>/dev/null || true ;;
      fcgiwrap) "${admin[@]}" systemctl disable --now --quiet fcgiwrap.socket fcgiwrap 2>/dev/null || true ;;
      openssh-server) "${admin[@]}" systemctl disable --now --quiet ssh 2>/dev/null || true ;;
      docker-registry) "${admin[@]}" systemctl disable --now --quiet docker-registry 2>/dev/null || true ;;
    esac
  done
fi
