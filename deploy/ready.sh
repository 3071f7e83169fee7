#!/bin/bash
# Asks a service on this machine whether it is ready. The image has no client for HTTP, and needs
# none for one line.
set -euo pipefail
exec 3<>"/dev/tcp/127.0.0.1/${1:?port of the probes}"
printf 'GET /readyz HTTP/1.0\r\nHost: localhost\r\n\r\n' >&3
read -r _ status _ <&3
[ "$status" = 200 ]
