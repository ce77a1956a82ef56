/*
 * The tables behind the choices: their numbers, what they mean, and the names that people type.
 */
#include "settings.h"

#include "frameseal.h"

GType gst_frameseal_suite_get_type(void)
{
    static gsize type;
    static const GEnumValue suites[] = {
        {FRAMESEAL_AES_128_CTR_HMAC_SHA256_80, "AES-128 and HMAC, tags of 80 bits",
         "aes-128-ctr-hmac-sha256-80"},
        {FRAMESEAL_AES_128_CTR_HMAC_SHA256_64, "AES-128 and HMAC, tags of 64 bits",
         "aes-128-ctr-hmac-sha256-64"},
        {FRAMESEAL_AES_128_CTR_HMAC_SHA256_32, "AES-128 and HMAC, tags of 32 bits",
         "aes-128-ctr-hmac-sha256-32"},
        {FRAMESEAL_AES_128_GCM_SHA256_128, "AES-128-GCM", "aes-128-gcm-sha256-128"},
        {FRAMESEAL_AES_256_GCM_SHA512_128, "AES-256-GCM", "aes-256-gcm-sha512-128"},
        {FRAMESEAL_AES_256_CTR_HMAC_SHA512_80, "AES-256 and HMAC, tags of 80 bits",
         "aes-256-ctr-hmac-sha512-80"},
        {FRAMESEAL_AES_256_CTR_HMAC_SHA512_64, "AES-256 and HMAC, tags of 64 bits",
         "aes-256-ctr-hmac-sha512-64"},
        {FRAMESEAL_AES_256_CTR_HMAC_SHA512_32, "AES-256 and HMAC, tags of 32 bits",
         "aes-256-ctr-hmac-sha512-32"},
        {0, NULL, NULL},
    };
    if (g_once_init_enter(&type)) {
        g_once_init_leave(&type, g_enum_register_static("GstFramesealSuite", suites));
    }
    return type;
}

GType gst_frameseal_metadata_get_type(void)
{
    static gsize type;
    static const GEnumValue choices[] = {
        {GST_FRAMESEAL_METADATA_CAPS, "The media's caps, with all parameters", "caps"},
        {GST_FRAMESEAL_METADATA_MEDIA_TYPE, "The media type, such as video/x-vp8", "media-type"},
        {GST_FRAMESEAL_METADATA_TEXT, "The property metadata-text", "text"},
        {GST_FRAMESEAL_METADATA_NONE, "Nothing", "none"},
        {0, NULL, NULL},
    };
    if (g_once_init_enter(&type)) {
        g_once_init_leave(&type, g_enum_register_static("GstFramesealMetadata", choices));
    }
    return type;
}
