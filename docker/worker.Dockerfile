# The data plane: takes jobs from the queue, hands source to the guest, trains what comes out. No database, no engine.
#
#   docker build -f docker/worker.Dockerfile -t keras-grader-worker .
#
# It stands on the guest's image, whose libraries (TensorFlow among them) the trainer needs too.
ARG GUEST=keras-grader-guest
FROM ${GUEST}

ARG PIP_INDEX_URL
ARG PIP_EXTRA_INDEX_URL
ARG PIP_FIND_LINKS
ARG PIP_NO_INDEX
ARG PIP_TRUSTED_HOST

COPY requirements/worker.lock docker/install.py /opt/grader/
RUN python3 /opt/grader/install.py --missing /opt/grader/worker.lock /opt/grader/guest.lock > /opt/grader/rest.lock && \
    pip3 install --no-cache-dir --no-deps --require-hashes --only-binary :all: --quiet --root-user-action=ignore \
      --target /opt/grader/worker-libraries -r /opt/grader/rest.lock

COPY pyproject.toml LICENSE /opt/grader/app/
COPY grader /opt/grader/app/grader
COPY workers /opt/grader/app/workers
COPY assignments /opt/grader/app/assignments
COPY docker/seccomp.json /opt/grader/app/docker/seccomp.json
RUN python3 /opt/grader/install.py /opt/grader/app /opt/grader/worker-libraries /opt/grader/libraries

RUN echo "grader:x:10001:" >> /etc/group && \
    echo "grader:x:10001:10001::/var/lib/keras-grader:/usr/sbin/nologin" >> /etc/passwd && \
    mkdir -p /var/lib/keras-grader && chown 10001:10001 /var/lib/keras-grader

ENV PATH=/opt/grader/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONUNBUFFERED=1 \
    TF_CPP_MIN_LOG_LEVEL=3 \
    GRADER_DATA_DIR=/var/lib/keras-grader \
    GRADER_SANDBOX=unix:/run/guest/guest.sock
USER 10001:10001
WORKDIR /var/lib/keras-grader
HEALTHCHECK NONE
ENTRYPOINT ["grader"]
CMD ["worker"]
