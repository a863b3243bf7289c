# The untrusted zone: an interpreter, the libraries that submissions import, and the guest. Nothing else of ours.
#
#   docker build -f docker/guest.Dockerfile -t keras-grader-guest .
#
# BASE may be any Debian-like image (Python 3.11 or newer is installed if it has none). An own package index is
# handed over at build time: --build-arg PIP_INDEX_URL=… or PIP_FIND_LINKS=… with PIP_NO_INDEX=1.
ARG BASE=python:3.11-slim-bookworm
FROM ${BASE}

ARG PIP_INDEX_URL
ARG PIP_EXTRA_INDEX_URL
ARG PIP_FIND_LINKS
ARG PIP_NO_INDEX
ARG PIP_TRUSTED_HOST

RUN command -v pip3 >/dev/null || { \
      apt-get update -qq && \
      apt-get install -y -qq --no-install-recommends python3 python3-pip ca-certificates && \
      rm -rf /var/lib/apt/lists/*; }

COPY requirements/guest.lock /opt/grader/guest.lock

# Bytecode is compiled here once, but not of the libraries' own tests: the root file system is read-only later.
# TensorFlow's C++ headers go.
RUN pip3 install --no-cache-dir --no-compile --no-deps --require-hashes --only-binary :all: --quiet \
      --root-user-action=ignore --target /opt/grader/libraries -r /opt/grader/guest.lock && \
    rm -rf /opt/grader/libraries/tensorflow/include /opt/grader/libraries/bin && \
    { python3 -m compileall -q -j 0 -x '/tests/|_test\.py$' /opt/grader/libraries >/dev/null || true; }

COPY workers/guest /opt/grader/guest

# The worker's group may reach the socket, a job's user may not. The set-group-id bit hands the group on.
RUN python3 -m compileall -q /opt/grader/guest && \
    mkdir -p /run/guest && chown 0:10001 /run/guest && chmod 2750 /run/guest

WORKDIR /tmp
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=6 \
  CMD ["python3", "-I", "-S", "-c", "import os, stat, sys; sys.exit(not stat.S_ISSOCK(os.stat('/run/guest/guest.sock').st_mode))"]
ENTRYPOINT ["python3", "-I", "-S", "-B", "-c", "import runpy, sys; sys.path += ['/opt/grader', '/opt/grader/libraries']; runpy.run_module('guest', run_name='__main__', alter_sys=True)"]
CMD ["--listen", "/run/guest/guest.sock"]
