# docker build --file deno.Dockerfile --tag camera .

FROM denoland/deno:debian-2.9.5 AS build
WORKDIR /app
COPY package.json camera.ts ./
RUN deno install

FROM debian:trixie-slim
RUN apt-get update \
  && apt-get install --yes --no-install-recommends \
    libavcodec61 libavformat61 libavutil59 libswresample5 libswscale8 \
  && rm -rf /var/lib/apt/lists/*
COPY --from=build /usr/bin/deno /usr/local/bin/deno
COPY --from=build /app /app
WORKDIR /app
USER nobody
CMD ["deno", "run", "--allow-ffi", "--allow-env=CAMERA", "camera.ts"]
