/*
 * Reads a base key without leaving copies of it behind: with read() into memory that is wiped, as
 * stdio and GLib have buffers of their own.
 */
#define _DEFAULT_SOURCE /* explicit_bzero */
#include "key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Room for white space too. A longer file is no key file. */
enum { MAX_FILE = 512 };

void gst_frameseal_wipe(void *secret, gsize len)
{
    explicit_bzero(secret, len);
}

/* Up to MAX_FILE bytes; one more says that the file is longer. */
static gboolean read_all(const gchar *path, guint8 text[MAX_FILE + 1], gsize *len, GError **error)
{
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = file < 0 ? -1 : 1;
    *len = 0;
    while (got > 0 && *len <= MAX_FILE) {
        got = read(file, text + *len, MAX_FILE + 1 - *len);
        if (got > 0) {
            *len += (gsize)got;
        } else if (got < 0 && errno == EINTR) {
            got = 1;
        }
    }
    if (got < 0) {
        g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(errno), "%s: %s", path,
                    g_strerror(errno));
    }
    if (file >= 0) {
        close(file);
    }
    return got >= 0;
}

/* The number of bytes, or 0 for what is no base key. */
static gsize parse_hex(const guint8 *text, gsize len, guint8 key[FRAMESEAL_MAX_BASE_KEY_LEN])
{
    gsize bytes = 0;
    gsize at = 0;
    while (at < len) {
        if (g_ascii_isspace((gchar)text[at])) {
            at++;
            continue;
        }
        const gint high = g_ascii_xdigit_value((gchar)text[at]);
        const gint low = at + 1 < len ? g_ascii_xdigit_value((gchar)text[at + 1]) : -1;
        if (high < 0 || low < 0 || bytes == FRAMESEAL_MAX_BASE_KEY_LEN) {
            return 0;
        }
        key[bytes++] = (guint8)(high << 4 | low);
        at += 2;
    }
    return bytes < FRAMESEAL_MIN_BASE_KEY_LEN ? 0 : bytes;
}

gboolean gst_frameseal_read_key(const gchar *path, guint8 key[FRAMESEAL_MAX_BASE_KEY_LEN],
                                gsize *len, GError **error)
{
    guint8 text[MAX_FILE + 1];
    gsize text_len = 0;
    gboolean done = read_all(path, text, &text_len, error);
    if (done) {
        *len = text_len > MAX_FILE ? 0 : parse_hex(text, text_len, key);
        done = *len != 0;
        if (!done) {
            gst_frameseal_wipe(key, FRAMESEAL_MAX_BASE_KEY_LEN);
            g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                        "%s: not a base key of %d to %d bytes in hexadecimal digits", path,
                        FRAMESEAL_MIN_BASE_KEY_LEN, FRAMESEAL_MAX_BASE_KEY_LEN);
        }
    }
    gst_frameseal_wipe(text, sizeof text);
    return done;
}
