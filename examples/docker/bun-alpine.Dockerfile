# docker build --file bun-alpine.Dockerfile --tag camera .

FROM oven/bun:1.4.5-alpine AS build
WORKDIR /app
COPY package.json camera.ts ./
RUN bun install --production

FROM alpine:3.23
RUN apk add --no-cache libstdc++ \
  ffmpeg-libavcodec ffmpeg-libavformat ffmpeg-libavutil ffmpeg-libswresample ffmpeg-libswscale
COPY --from=build /usr/local/bin/bun /usr/local/bin/bun
COPY --from=build /app /app
WORKDIR /app
USER nobody
CMD ["bun", "camera.ts"]
