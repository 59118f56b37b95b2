# One image for both services: web (the default command) and worker (`python manage.py qcluster`).

FROM node:22-slim AS frontend
WORKDIR /build/frontend
COPY frontend/package.json frontend/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY frontend/ ./
RUN npm run build

FROM python:3.12-slim AS packages
WORKDIR /build
COPY requirements.txt ./
RUN python -m venv /opt/venv && /opt/venv/bin/pip install --no-cache-dir -r requirements.txt

FROM python:3.12-slim
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PORT=8000
# Letters and emoji in PNGs that the page's own fonts lack. Of no version: Debian keeps only its newest.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends fonts-noto-core fonts-noto-color-emoji \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --system --create-home --uid 10001 collabcanvas
WORKDIR /app
COPY --from=packages /opt/venv /opt/venv
COPY manage.py ./
COPY collabcanvas/ collabcanvas/
COPY canvases/ canvases/
COPY ai_jobs/ ai_jobs/
COPY --from=frontend /build/frontend/dist frontend/dist
# The values are needed to read the settings and are gone after this step; no database is asked.
RUN DEBUG=0 SECRET_KEY=used-in-this-step-only ALLOWED_HOSTS=localhost DATABASE_URL=postgresql:///none \
    python manage.py collectstatic --no-input --verbosity 0
# By number: a host that wants no root can see that it is none.
USER 10001
ARG COMMIT_SHA=""
ENV COMMIT_SHA=$COMMIT_SHA
EXPOSE 8000
# Asks web for its readiness; a worker, which has no port, for its heartbeat.
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-m", "collabcanvas.container_health"]
# exec: the signal to stop must reach daphne and not a shell.
CMD ["sh", "-c", "exec daphne -b 0.0.0.0 -p ${PORT} --websocket-max-message-size 2097152 --websocket-max-frame-size 2097152 collabcanvas.asgi:application"]
