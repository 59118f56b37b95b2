#!/usr/bin/env bash
# Deploys the commit that is checked out to Railway: web, which migrates before it starts, then the worker, and looks
# whether both work. Run it again at any time; what is set already stays. See docs/deployment.md.
#
#   ./deploy.sh            deploy
#   ./deploy.sh --check    look only: is everything there that a deployment needs?
#
# WEB_SERVICE (web), WORKER_SERVICE (worker), POSTGRES_SERVICE (Postgres): the names of the services.
# SITE_URL: where the smoke test asks; otherwise web's own domain. SMOKE_SECONDS (600): how long it waits.
set -euo pipefail

web=${WEB_SERVICE:-web}
worker=${WORKER_SERVICE:-worker}
postgres=${POSTGRES_SERVICE:-Postgres}
smoke_seconds=${SMOKE_SECONDS:-600}
cd "$(dirname "$0")"

say() { printf '%s\n' "$*"; }
fail() {
    printf 'deploy.sh: %s\n' "$*" >&2
    exit 1
}

# --- What must be there ---
check() {
    local tool
    for tool in railway git curl python3; do
        command -v "$tool" >/dev/null 2>&1 ||
            fail "There is no $tool here. Install it (Railway's: https://docs.railway.com/cli), then try again."
    done
    [ -n "${RAILWAY_TOKEN:-}" ] || railway whoami >/dev/null 2>&1 ||
        fail "You are not signed in to Railway. Run: railway login"
    railway status >/dev/null 2>&1 || fail "This folder belongs to no Railway project. Run: railway link"
    local service
    for service in "$web" "$worker"; do
        variables "$service" >/dev/null 2>&1 ||
            fail "The project has no service '$service'. Make it (railway add --service $service), or name yours: WEB_SERVICE, WORKER_SERVICE."
    done
    variables "$postgres" >/dev/null 2>&1 ||
        fail "The project has no database '$postgres'. Make it (railway add --database postgres), or name yours: POSTGRES_SERVICE."
    [ -z "$(git status --porcelain)" ] || fail "There are changes that are not committed. Commit or stash them."
}

# --- Variables ---
variables() { railway variables --service "$1" --json; }

# The value of one variable of a service, or nothing. That Railway does not answer is not nothing: it fails.
variable() {
    local all
    all=$(variables "$1") ||
        fail "Railway does not say which variables $1 has. Nothing of it was changed; run this again in a minute."
    printf '%s' "$all" | python3 -c 'import json, sys; print(json.load(sys.stdin).get(sys.argv[1]) or "")' "$2"
}

set_variable() { railway variables --service "$1" --skip-deploys --set "$2=$3" >/dev/null; }

# Sets what is missing, and says its name, never its value.
ensure_variable() {
    local value
    value=$(variable "$1" "$2") || exit 1
    if [ -z "$value" ]; then
        set_variable "$1" "$2" "$3"
        say "$1: $2 is set."
    fi
}

ensure_variables() {
    local value
    value=$(variable "$web" RAILWAY_PUBLIC_DOMAIN) || exit 1
    if [ -z "$value" ]; then
        railway domain --service "$web" >/dev/null
        say "$web: has a domain."
    fi
    # Railway itself puts the values in place of these references.
    local database="\${{$postgres.DATABASE_URL}}" domain="\${{RAILWAY_PUBLIC_DOMAIN}}"
    ensure_variable "$web" SECRET_KEY "$(python3 -c 'import secrets; print(secrets.token_urlsafe(64))')"
    ensure_variable "$web" ALLOWED_HOSTS "$domain"
    ensure_variable "$web" DATABASE_URL "$database"
    local name
    for name in SECRET_KEY ALLOWED_HOSTS DATABASE_URL; do
        ensure_variable "$worker" "$name" "\${{$web.$name}}"
    done
    for name in "$web" "$worker"; do
        set_variable "$name" COMMIT_SHA "$commit"
    done
}

# --- Deploying ---
# What is committed, and nothing else. Railway reads railway.json; the worker's has another name here.
upload() {
    local service=$1 config=$2 folder=$scratch/$1
    mkdir "$folder"
    git archive --format=tar HEAD | tar -x -C "$folder"
    [ "$config" = railway.json ] || mv "$folder/$config" "$folder/railway.json"
    say "Deploying $service …"
    railway up "$folder" --path-as-root --service "$service" --ci ||
        fail "Railway did not build $service. Read the log above; what ran before still runs."
}

# --- Looking ---
ask() { curl --silent --show-error --fail --max-time 10 "$site$1" 2>/dev/null; }

# Waits until the answer to $1 makes the Python expression $2 true (`answer`, and `commit`); otherwise fails with $3.
wait_for() {
    local deadline=$((SECONDS + smoke_seconds)) answer
    until answer=$(ask "$1") && printf '%s' "$answer" |
        python3 -c 'import json, sys; answer, commit = json.load(sys.stdin), sys.argv[2]; sys.exit(not eval(sys.argv[1]))' \
            "$2" "$commit" 2>/dev/null; do
        [ "$SECONDS" -lt "$deadline" ] || fail "$3"
        sleep "${SMOKE_INTERVAL:-5}"
    done
}

check
[ "${1:-}" != --check ] || {
    say "Everything is there that a deployment needs."
    exit 0
}
[ $# -eq 0 ] || fail "'$1' is no option. Use --check, or nothing."

commit=$(git rev-parse HEAD)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
ensure_variables
site=${SITE_URL:-}
if [ -z "$site" ]; then
    site=$(variable "$web" RAILWAY_PUBLIC_DOMAIN) || exit 1
    site=https://$site
fi

# Web goes first: it migrates, and the worker that still runs can live with the new tables (see docs/deployment.md).
upload "$web" railway.json
wait_for /version 'answer["commit"] == commit' \
    "$site does not run this commit after $smoke_seconds s. See: railway logs --service $web"
wait_for /health/ready 'True' "$site is not ready after $smoke_seconds s. See: railway logs --service $web"
upload "$worker" railway.worker.json
wait_for /api/ai-agent/health 'answer["status"] == "healthy" and answer["job_processor"] == "running"' \
    "No worker gives a sign of life after $smoke_seconds s. See: railway logs --service $worker"
say "CollabCanvas $commit runs at $site"
