#!/bin/bash
# One database and one role per service; none can even connect to another's. Run once, by the
# image's entrypoint, when the data folder is made. The passwords come from the environment
# (POSTGRES_PASSWORD_…), and reach psql there too: not on a command line that others can see.
set -euo pipefail

for service in admissions coordination sip deadlines notifications; do
  password="POSTGRES_PASSWORD_${service^^}"
  : "${!password:?is to be set}"
  psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set service="$service" --set variable="$password" <<'SQL'
\getenv password :variable
create role :"service" login password :'password';
create database :"service" owner :"service";
revoke all on database :"service" from public;
SQL
done
