# syntax=docker/dockerfile:1
# One image for web, scheduler and workers; which of them it is, is said by its command (see docker-compose.yml).
FROM python:3.11-slim-bookworm AS build
WORKDIR /src
RUN python -m venv /opt/synrl
COPY requirements.lock ./
RUN /opt/synrl/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY backend backend
COPY dashboard dashboard
COPY migrations migrations
COPY synrl_core synrl_core
RUN /opt/synrl/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.11-slim-bookworm
RUN useradd --uid 10001 --create-home synrl && install --directory --owner synrl /data /artifacts
COPY --from=build /opt/synrl /opt/synrl
ENV PATH=/opt/synrl/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    SYNRL_DATA_DIR=/data \
    SYNRL_ARTIFACTS_URL=file:///artifacts
USER 10001
VOLUME ["/data", "/artifacts"]
EXPOSE 8050 8786
CMD ["synrl", "serve"]
