# docker build --file bun.Dockerfile --tag camera .

FROM oven/bun:1.4.5-slim AS build
WORKDIR /app
COPY package.json camera.ts ./
RUN bun install --production

FROM debian:trixie-slim
RUN apt-get update \
  && apt-get install --yes --no-install-recommends \
    libavcodec61 libavformat61 libavutil59 libswresample5 libswscale8 \
  && rm -rf /var/lib/apt/lists/*
COPY --from=build /usr/local/bin/bun /usr/local/bin/bun
COPY --from=build /app /app
WORKDIR /app
USER nobody
CMD ["bun", "camera.ts"]
