# An image of ecmp-exporter: Node, the libraries it loads, the compiled program. No shell, no package manager, no setuid file.
#
#   docker build --build-arg REVISION="$(git rev-parse --short=12 HEAD)" --tag ecmp-exporter .
#   docker run --network=host --read-only --cap-drop=ALL --cap-add=NET_RAW ecmp-exporter
#
# It runs as a user without privileges. A container engine gives such a user no capability, only the right to gain one (the
# bounding set), so the node binary has CAP_NET_RAW as a file capability. Under no-new-privileges (Kubernetes:
# allowPrivilegeEscalation: false) the kernel grants it only to a process that an engine started with that capability, as Podman
# and containerd do and Docker does not. Little is lost without the flag: the line above leaves NET_RAW alone to be gained, and
# no other file of the image grants anything. Where a policy demands it, add --user=0 --security-opt=no-new-privileges: root
# with that one capability. BuildKit and Buildah keep file capabilities from
# stage to stage; Kaniko and Docker's builder of before BuildKit lose them, and the program then says that it lacks CAP_NET_RAW.
#
# Node does not read NODE_OPTIONS when its binary has capabilities; its options go before the program, on an entrypoint of your own.

ARG NODE_IMAGE=docker.io/library/node:24.21.0-bookworm-slim

# What the program needs at run time. raw-socket is compiled; Node's headers lie in its image and need not be fetched.
FROM ${NODE_IMAGE} AS dependencies
RUN apt-get update \
  && apt-get install --yes --no-install-recommends g++ libcap2-bin make python3 \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /opt/ecmp-exporter
COPY package.json package-lock.json ./
COPY scripts/check-raw-socket.mjs scripts/
RUN npm_config_nodedir=/usr/local npm ci --omit=dev

# The program. The compiler's packages have nothing that must be compiled itself.
FROM ${NODE_IMAGE} AS build
WORKDIR /opt/ecmp-exporter
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY scripts/build.mjs scripts/
COPY docs/runbook.md docs/
COPY src src
# The history is not there to be asked.
ARG REVISION=unknown
RUN ECMP_EXPORTER_REVISION="$REVISION" npm run build

# Everything that the image shall hold, put together in /image.
FROM dependencies AS assembly
COPY --from=build /opt/ecmp-exporter/dist dist
COPY package.json LICENSE scripts/healthcheck.mjs ./
COPY config/ecmp-exporter.yml /etc/ecmp-exporter/
COPY scripts/assemble-image.sh /tmp/
RUN bash /tmp/assemble-image.sh /image

FROM scratch
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="ecmp-exporter" \
  org.opencontainers.image.description="Finds the one broken equal-cost path and exports it to Prometheus" \
  org.opencontainers.image.licenses="MIT" \
  org.opencontainers.image.version="$VERSION" \
  org.opencontainers.image.revision="$REVISION"
COPY --from=assembly /image /
ENV PATH=/usr/local/bin
# A number, so that Kubernetes sees that it is not root.
USER 65532:65532
WORKDIR /opt/ecmp-exporter
EXPOSE 10190
# The program is process 1 and handles SIGTERM (stop), SIGINT (stop) and SIGHUP (reload) itself; it starts no other process.
ENTRYPOINT ["/usr/local/bin/node", "/opt/ecmp-exporter/dist/cli.js"]
CMD ["--config.file=/etc/ecmp-exporter/ecmp-exporter.yml"]
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
  CMD ["/usr/local/bin/node", "/opt/ecmp-exporter/healthcheck.mjs"]
