/* SPDX-License-Identifier: Apache-2.0 */
/*
 * record/picture.c - is this picture a picture? Decoded whole, with limits of pixels.
 *
 * Knows: JPEG, PNG, WebP through their libraries.
 * Does not know: records; HEIC is refused with a hint by file.c.
 */
#include "record/inside.h"
#include "record/picture.h"
#include <stdio.h>

#include <jpeglib.h>
#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <webp/decode.h>

struct jpeg_failure {
    struct jpeg_error_mgr base;
    jmp_buf back;
};

static void
jpeg_failed(j_common_ptr info)
{
    longjmp(((struct jpeg_failure *)info->err)->back, 1);
}

static void
jpeg_silent(j_common_ptr info)
{
    (void)info;
}

/* A warning of the decoder (cut file, bad marker) makes it no whole picture. */
static bool
read_jpeg(const unsigned char *bytes, size_t len, int *width, int *height)
{
    struct jpeg_decompress_struct info;
    struct jpeg_failure failure;
    unsigned char *volatile line = NULL;
    volatile bool whole = false;

    info.err = jpeg_std_error(&failure.base);
    failure.base.error_exit = jpeg_failed;
    failure.base.output_message = jpeg_silent;
    jpeg_create_decompress(&info);
    if (!setjmp(failure.back)) {
        jpeg_mem_src(&info, bytes, len);
        jpeg_read_header(&info, TRUE);
        *width = (int)info.image_width;
        *height = (int)info.image_height;
        if ((int64_t)*width * *height <= LIMIT_PIXELS) {
            jpeg_start_decompress(&info);
            line = malloc((size_t)info.output_width * (size_t)info.output_components);
            must(line != NULL);
            while (info.output_scanline < info.output_height) {
                JSAMPROW row = line;

                jpeg_read_scanlines(&info, &row, 1);
            }
            whole = failure.base.num_warnings == 0;
            jpeg_finish_decompress(&info);
        }
    }
    free(line);
    jpeg_destroy_decompress(&info);
    return whole;
}

static bool
read_png(const unsigned char *bytes, size_t len, int *width, int *height)
{
    png_image image;
    unsigned char *pixels;
    bool whole = false;

    memset(&image, 0, sizeof image);
    image.version = PNG_IMAGE_VERSION;
    if (!png_image_begin_read_from_memory(&image, bytes, len))
        return false;
    *width = (int)image.width;
    *height = (int)image.height;
    if ((int64_t)image.width * image.height <= LIMIT_PIXELS) {
        image.format = PNG_FORMAT_GRAY;
        pixels = malloc(PNG_IMAGE_SIZE(image));
        must(pixels != NULL);
        whole = png_image_finish_read(&image, NULL, pixels, 0, NULL) != 0 && !PNG_IMAGE_FAILED(image);
        free(pixels);
    }
    png_image_free(&image);
    return whole;
}

static bool
read_webp(const unsigned char *bytes, size_t len, int *width, int *height)
{
    unsigned char *pixels;

    if (!WebPGetInfo(bytes, len, width, height) || (int64_t)*width * *height > LIMIT_PIXELS)
        return false;
    pixels = WebPDecodeRGB(bytes, len, width, height);
    WebPFree(pixels);
    return pixels != NULL;
}

bool
record_picture_holds(const char *media_type, const char *bytes, size_t len, int *width, int *height)
{
    const unsigned char *b = (const unsigned char *)bytes;

    if (strcmp(media_type, "image/jpeg") == 0)
        return read_jpeg(b, len, width, height);
    if (strcmp(media_type, "image/png") == 0)
        return read_png(b, len, width, height);
    return read_webp(b, len, width, height);
}
