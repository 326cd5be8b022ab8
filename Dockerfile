# The image that serves, and that runs `certs ensure`. docs/release.md says how a release is built from it and verified.
# (No syntax line: every engine's own frontend knows what is used here, and one more download is one more to trust.)

# A tag is moved whenever its owner likes; a digest stays what it was reviewed as. The digest here is nobody's, so that
# a build that names none fails instead of taking what the tag means today. Give it the one of the multi-platform index:
#   docker buildx imagetools inspect --format '{{.Manifest.Digest}}' python:3.13-slim-bookworm
ARG PYTHON_DIGEST=sha256:0000000000000000000000000000000000000000000000000000000000000000


FROM python:3.13-slim-bookworm@${PYTHON_DIGEST} AS builder
WORKDIR /src

# One environment that builds the wheel and stays behind, one that the result gets; pip stays outside of both.
RUN python -m venv --without-pip /opt/builder && python -m venv --without-pip /opt/rayjob-webhook

# Every file is one whose hash is committed, and a wheel: an sdist would run code of its own, and fetch more unpinned.
# Without dependencies, because the lock names them all: one that it lacks is a fault to find, not to download.
# For `serve --tracing` the build is given the other lock, which has OpenTelemetry's exporter besides:
#   --build-arg REQUIREMENTS=requirements-tracing.txt
ARG REQUIREMENTS=requirements.txt
COPY requirements.txt requirements-tracing.txt ./
RUN python -m pip --python /opt/rayjob-webhook install --no-input --disable-pip-version-check --no-compile \
    --require-hashes --no-deps --only-binary :all: --requirement "$REQUIREMENTS"

# Of the development pins only hatchling and what it needs: pip's constraints cannot carry their hashes that far.
COPY requirements-dev.txt ./
RUN awk '/^[a-z]/ { needed = /^(hatchling|packaging|pathspec|pluggy|tomlkit|trove-classifiers)==/ } needed' \
    requirements-dev.txt > requirements-build.txt \
    && python -m pip --python /opt/builder install --no-input --disable-pip-version-check --no-compile \
    --require-hashes --no-deps --only-binary :all: --requirement requirements-build.txt

# hatchling is called itself: a frontend would make an environment of its own for it, with what is newest today.
# Compiled here, because a read-only root leaves no other time; and never compared with its source again, so that it
# stays good when a reproducible build sets all files to one date.
COPY pyproject.toml README.md LICENSE ./
COPY webhook webhook/
COPY certs certs/
RUN /opt/builder/bin/hatchling build -t wheel -d dist \
    && python -m pip --python /opt/rayjob-webhook install --no-input --disable-pip-version-check --no-compile \
    --no-index --no-deps dist/*.whl \
    && python -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/rayjob-webhook/lib


FROM python:3.13-slim-bookworm@${PYTHON_DIGEST}

# The base comes without a compiler, but with what installs packages, with a standard library that is not compiled, and
# with programs that run as root whoever calls them.
RUN stdlib=$(python -c 'import sysconfig; print(sysconfig.get_path("stdlib"))') \
    && rm -rf "$stdlib/ensurepip" "$stdlib"/site-packages/pip* /usr/local/bin/pip* \
    && python -m compileall -q -j 0 --invalidation-mode unchecked-hash "$stdlib" \
    && find / -xdev -type f -perm /6000 -exec chmod a-s {} +

COPY --from=builder /opt/rayjob-webhook /opt/rayjob-webhook

ENV PATH=/opt/rayjob-webhook/bin:$PATH
ENV PYTHONDONTWRITEBYTECODE=1
ENV PYTHONUNBUFFERED=1
# A container's own loopback is nobody's; who may call is the network policy's to say.
ENV RAYJOB_WEBHOOK_HOST=0.0.0.0
ENV RAYJOB_WEBHOOK_METRICS_PORT=9090
EXPOSE 8443 9090

# A number, because `runAsNonRoot` cannot tell what a name means; it owns no file of the image.
USER 65532:65532
STOPSIGNAL SIGTERM

# For engines without probes: Kubernetes ignores it. To "connect to" 0.0.0.0 or :: means loopback of that family.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 CMD ["python", "-c", "\
import http.client, os, sys; \
server = http.client.HTTPConnection(os.environ['RAYJOB_WEBHOOK_HOST'], int(os.environ['RAYJOB_WEBHOOK_METRICS_PORT']), timeout=2); \
server.request('GET', '/healthz'); \
sys.exit(server.getresponse().status != 200)"]

ENTRYPOINT ["rayjob-webhook"]
CMD ["serve"]

# Last, because they change with every commit.
ARG PYTHON_DIGEST
ARG VERSION=unreleased
ARG REVISION=unknown
LABEL org.opencontainers.image.title="rayjob-webhook" \
      org.opencontainers.image.description="Completes and judges RayJobs (ray.io/v1) at kubectl apply, before a GPU node spins up" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.base.digest="${PYTHON_DIGEST}"
