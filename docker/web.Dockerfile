# The control plane: web server and control worker. It runs no student code and has neither Keras nor an engine.
#
#   docker build -f docker/web.Dockerfile -t keras-grader-web .
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

COPY requirements/server.lock /opt/grader/server.lock
RUN pip3 install --no-cache-dir --no-deps --require-hashes --only-binary :all: --quiet --root-user-action=ignore \
      --target /opt/grader/libraries -r /opt/grader/server.lock

COPY docker/install.py /opt/grader/install.py
COPY pyproject.toml LICENSE /opt/grader/app/
COPY grader /opt/grader/app/grader
COPY assignments /opt/grader/app/assignments
RUN python3 /opt/grader/install.py /opt/grader/app /opt/grader/libraries

RUN echo "grader:x:10001:" >> /etc/group && \
    echo "grader:x:10001:10001::/var/lib/keras-grader:/usr/sbin/nologin" >> /etc/passwd && \
    mkdir -p /var/lib/keras-grader && chown 10001:10001 /var/lib/keras-grader

ENV PATH=/opt/grader/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONUNBUFFERED=1 \
    GRADER_DATA_DIR=/var/lib/keras-grader
USER 10001:10001
WORKDIR /var/lib/keras-grader
EXPOSE 8000
ENTRYPOINT ["grader"]
CMD ["web", "--host", "0.0.0.0", "--port", "8000"]
