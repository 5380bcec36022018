# The image holds Python, calndro with its drivers, and nothing that builds them.
ARG PYTHON=3.13

FROM python:${PYTHON}-slim AS build
ARG EXTRAS=mysql,postgres,redis
WORKDIR /build
RUN python -m venv /opt/calndro
COPY pyproject.toml README.md LICENSE ./
COPY src src
RUN /opt/calndro/bin/python -m pip install --no-cache-dir --disable-pip-version-check \
        ".[${EXTRAS}]" \
    && /opt/calndro/bin/python -m compileall -q /opt/calndro/lib \
    && /opt/calndro/bin/python -m pip uninstall --yes --quiet pip

FROM python:${PYTHON}-slim
RUN groupadd --gid 10001 calndro \
    && useradd --uid 10001 --gid calndro --no-create-home --home-dir /var/lib/calndro \
        --shell /usr/sbin/nologin calndro \
    && install --directory --owner calndro --group calndro --mode 0700 /var/lib/calndro
COPY --from=build /opt/calndro /opt/calndro
ENV PATH=/opt/calndro/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    XDG_CONFIG_HOME=/var/lib/calndro/config \
    XDG_DATA_HOME=/var/lib \
    XDG_STATE_HOME=/var/lib/calndro/state
USER 10001:10001
WORKDIR /var/lib/calndro
VOLUME /var/lib/calndro
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
ENTRYPOINT ["calndro"]
CMD ["serve", "--host", "0.0.0.0"]
