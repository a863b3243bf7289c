# Redis and PostgreSQL for tests where no image can be pulled: Debian's packages on the local base.
ARG BASE
FROM ${BASE}
RUN apt-get update -qq && \
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends redis-server postgresql >/dev/null && \
    rm -rf /var/lib/apt/lists/* && \
    mkdir -p /data /var/lib/postgresql/data && \
    chown -R postgres:postgres /data /var/lib/postgresql /var/run/postgresql && chmod 700 /var/lib/postgresql/data
COPY entrypoint.sh /entrypoint.sh
USER postgres
ENTRYPOINT ["/bin/sh", "/entrypoint.sh"]
