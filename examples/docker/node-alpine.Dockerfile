# docker build --file node-alpine.Dockerfile --tag camera .

FROM node:26-alpine AS build
WORKDIR /app
COPY package.json camera.ts ./
RUN npm install --omit=dev

FROM alpine:3.23
RUN apk add --no-cache libstdc++ \
  ffmpeg-libavcodec ffmpeg-libavformat ffmpeg-libavutil ffmpeg-libswresample ffmpeg-libswscale
COPY --from=build /usr/local/bin/node /usr/local/bin/node
COPY --from=build /app /app
WORKDIR /app
USER nobody
CMD ["node", "camera.ts"]
