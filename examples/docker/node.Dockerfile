# docker build --file node.Dockerfile --tag camera .

FROM node:26-trixie-slim AS build
WORKDIR /app
COPY package.json camera.ts ./
RUN npm install --omit=dev

FROM debian:trixie-slim
RUN apt-get update \
  && apt-get install --yes --no-install-recommends \
    libatomic1 libavcodec61 libavformat61 libavutil59 libswresample5 libswscale8 \
  && rm -rf /var/lib/apt/lists/*
COPY --from=build /usr/local/bin/node /usr/local/bin/node
COPY --from=build /app /app
WORKDIR /app
USER nobody
CMD ["node", "camera.ts"]
