# Three stages: front-end packages, everything that is built, and what runs (no build tools, not root).

FROM node:22-slim AS frontend
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --no-audit --no-fund

FROM python:3.13-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /venv
WORKDIR /app
COPY requirements/base.lock requirements/base.lock
RUN /venv/bin/python -m pip install --require-hashes -r requirements/base.lock
COPY . .
COPY --from=frontend /app/node_modules node_modules
# collectstatic reads the production settings; these values reach neither the image's environment nor a server
RUN /venv/bin/python tools/vendor.py \
 && /venv/bin/python tools/messages.py compile \
 && PERFMGMT_ENV=production SECRET_KEY=build-only ALLOWED_HOSTS=localhost STATIC_ROOT=/app/staticfiles \
    DATABASE_URL=postgresql://none@localhost/none REDIS_URL=redis://localhost \
    /venv/bin/python manage.py collectstatic --no-input \
 && rm -rf node_modules \
 && /venv/bin/python -m compileall -q /app

FROM python:3.13-slim
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    PERFMGMT_ENV=production PERFMGMT_VAR=/var/lib/perfmgmt STATIC_ROOT=/app/staticfiles WEB_CONCURRENCY=2
# `backup` and `restore` call pg_dump and pg_restore, which must not be older than the server (docker-compose.yml)
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates postgresql-common \
 && /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y \
 && apt-get install -y --no-install-recommends postgresql-client-18 \
 && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin perfmgmt \
 && install -d -o perfmgmt -g perfmgmt -m 0750 /var/lib/perfmgmt
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
USER perfmgmt
VOLUME /var/lib/perfmgmt
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s CMD ["python", "tools/health.py"]
CMD ["python", "-m", "gunicorn", "perfmgmt.wsgi:application", "--bind", "0.0.0.0:8000", "--threads", "4", \
     "--no-control-socket", "--worker-tmp-dir", "/dev/shm", "--access-logfile", "-"]
