/*
 * Prints the offsets of the struct fields that this package reads or writes,
 * for the headers that it is compiled against. `./run layouts` runs it.
 *
 * A field is listed only when no function or AVOption of every supported
 * release gives the same.
 */
#include <stddef.h>
#include <stdio.h>

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/dict.h>
#include <libavutil/frame.h>
#include <libavutil/opt.h>

#define BEGIN(type) printf("  %s: {\n", #type)
#define FIELD(type, field) printf("    %s: %zu,\n", #field, offsetof(type, field))
#define ABSENT(field) printf("    %s: -1,\n", #field)
#define END() printf("  },\n")

int main(void)
{
    BEGIN(AVFormatContext);
    FIELD(AVFormatContext, iformat);
    FIELD(AVFormatContext, pb);
    FIELD(AVFormatContext, ctx_flags);
    FIELD(AVFormatContext, nb_streams);
    FIELD(AVFormatContext, streams);
    FIELD(AVFormatContext, duration);
    FIELD(AVFormatContext, max_delay);
    FIELD(AVFormatContext, flags);
    FIELD(AVFormatContext, interrupt_callback);
    END();

    BEGIN(AVInputFormat);
    FIELD(AVInputFormat, name);
    END();

    BEGIN(AVStream);
    FIELD(AVStream, index);
    FIELD(AVStream, codecpar);
    FIELD(AVStream, time_base);
    FIELD(AVStream, discard);
    FIELD(AVStream, avg_frame_rate);
    END();

    BEGIN(AVCodecParameters);
    FIELD(AVCodecParameters, codec_type);
    FIELD(AVCodecParameters, codec_id);
    FIELD(AVCodecParameters, codec_tag);
    FIELD(AVCodecParameters, format);
    FIELD(AVCodecParameters, width);
    FIELD(AVCodecParameters, height);
    END();

    BEGIN(AVCodecContext);
    FIELD(AVCodecContext, flags);
    FIELD(AVCodecContext, time_base);
    FIELD(AVCodecContext, width);
    FIELD(AVCodecContext, height);
    FIELD(AVCodecContext, pix_fmt);
    FIELD(AVCodecContext, thread_count);
    FIELD(AVCodecContext, pkt_timebase);
    FIELD(AVCodecContext, framerate);
    END();

    BEGIN(AVFrame);
    FIELD(AVFrame, data);
    FIELD(AVFrame, linesize);
    FIELD(AVFrame, width);
    FIELD(AVFrame, height);
    FIELD(AVFrame, format);
    /* A flag took the place of the field, which stayed for a while: not all
     * releases of the same ABI have the flag, so the field is read where it is. */
#if !defined(AV_FRAME_FLAG_KEY) || FF_API_FRAME_KEY
    FIELD(AVFrame, key_frame);
    ABSENT(flags);
#else
    ABSENT(key_frame);
    FIELD(AVFrame, flags);
#endif
    FIELD(AVFrame, pts);
    FIELD(AVFrame, color_range);
    FIELD(AVFrame, colorspace);
    FIELD(AVFrame, best_effort_timestamp);
    FIELD(AVFrame, decode_error_flags);
    FIELD(AVFrame, crop_top);
    FIELD(AVFrame, crop_bottom);
    FIELD(AVFrame, crop_left);
    FIELD(AVFrame, crop_right);
    END();

    BEGIN(AVPacket);
    FIELD(AVPacket, pts);
    FIELD(AVPacket, dts);
    FIELD(AVPacket, data);
    FIELD(AVPacket, size);
    FIELD(AVPacket, stream_index);
    FIELD(AVPacket, flags);
    FIELD(AVPacket, duration);
    END();

    BEGIN(AVOption);
    FIELD(AVOption, name);
    END();

    BEGIN(AVDictionaryEntry);
    FIELD(AVDictionaryEntry, key);
    FIELD(AVDictionaryEntry, value);
    END();

    return 0;
}
