/* SPDX-License-Identifier: Apache-2.0 */
/*
 * format/archive.c - a zip file in memory and its parts of XML, within limits.
 *
 * What a part claims to hold is refused before it is opened; what it holds beyond its claim is counted
 * while it is read. A document type is refused (entities that multiply), and nothing is fetched.
 *
 * Knows: libzip, expat.
 * Does not know: workbooks, cells.
 */
#include "format/inside.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

#define PART_CHUNK (64 * 1024)

struct package {
    zip_t *zip;
};

struct part {
    struct task *t; /* of the call under way */
    zip_file_t *file;
    XML_Parser parser;
    const struct part_handlers *handlers;
    void *state;
    const char *path;
    size_t unpacked; /* bytes so far */
    unsigned depth;
    bool paused, refused, last;
};

enum fault_code
format_broken(struct task *t, const char *where)
{
    return fault(t, FAULT_INPUT, "/file",
                 "工作簿已损坏（%s）：请用表格软件打开并另存为 .xlsx 后再上传 | "
                 "the workbook is broken (%s): open it in a spreadsheet program, save it as .xlsx, "
                 "and send that",
                 where, where);
}

enum fault_code
format_too_much(struct task *t, const char *zh, const char *en, long most)
{
    return fault(t, FAULT_SIZE, "/file",
                 "表格超出上限（%s：最多 %ld）：请删去多余的行列或分成几个文件上传 | "
                 "the table is over a limit (%s: at most %ld): delete what is not needed or send it "
                 "in several files",
                 zh, most, en, most);
}

static enum fault_code
unpacked_too_much(struct task *t)
{
    return format_too_much(t, "解压后兆字节", "megabytes unpacked", LIMIT_SHEET_UNPACKED >> 20);
}

/* Claims of all parts together; a claim that is not there counts when it is read. */
static enum fault_code
check_claims(struct task *t, zip_t *zip)
{
    zip_int64_t i, n = zip_get_num_entries(zip, 0);
    uint64_t sum = 0;
    zip_stat_t stat;

    if (n > LIMIT_SHEET_PARTS)
        return format_too_much(t, "部件", "parts", LIMIT_SHEET_PARTS);
    for (i = 0; i < n; i++) {
        if (zip_stat_index(zip, (zip_uint64_t)i, 0, &stat) != 0)
            return format_broken(t, "zip");
        if (!(stat.valid & ZIP_STAT_SIZE))
            continue;
        if (stat.size > LIMIT_SHEET_UNPACKED || (sum += stat.size) > LIMIT_SHEET_UNPACKED)
            return unpacked_too_much(t);
    }
    return FAULT_NONE;
}

enum fault_code
package_open(struct task *t, const char *bytes, size_t len, struct package **out)
{
    zip_error_t error;
    zip_source_t *source;
    struct package *z;
    enum fault_code code;

    zip_error_init(&error);
    source = zip_source_buffer_create(bytes, len, 0, &error);
    must(source);
    z = calloc(1, sizeof *z);
    must(z);
    z->zip = zip_open_from_source(source, ZIP_RDONLY, &error);
    zip_error_fini(&error);
    if (!z->zip) {
        zip_source_free(source);
        free(z);
        return format_broken(t, "zip");
    }
    if ((code = check_claims(t, z->zip)) != FAULT_NONE) {
        package_close(z);
        return code;
    }
    *out = z;
    return FAULT_NONE;
}

void
package_close(struct package *z)
{
    if (!z)
        return;
    zip_discard(z->zip);
    free(z);
}

bool
package_has(struct package *z, const char *path)
{
    return zip_name_locate(z->zip, path, ZIP_FL_NOCASE) >= 0;
}

/* ---- parts ---- */

static const char *
local_name(const char *name)
{
    const char *colon = strrchr(name, ':');

    return colon ? colon + 1 : name;
}

const char *
part_attribute(const char **attributes, const char *name)
{
    for (; attributes && *attributes; attributes += 2) {
        if (strcmp(local_name(attributes[0]), name) == 0)
            return attributes[1];
    }
    return NULL;
}

static void
begun(void *user, const XML_Char *name, const XML_Char **attributes)
{
    struct part *p = user;

    if (p->refused)
        return;
    if (++p->depth > LIMIT_SHEET_DEPTH) {
        (void)format_broken(p->t, p->path);
        part_refuse(p);
        return;
    }
    if (p->handlers->begin)
        p->handlers->begin(p->state, local_name(name), attributes);
}

static void
ended(void *user, const XML_Char *name)
{
    struct part *p = user;

    if (p->refused)
        return;
    p->depth--;
    if (p->handlers->end)
        p->handlers->end(p->state, local_name(name));
}

static void
said(void *user, const XML_Char *bytes, int len)
{
    struct part *p = user;

    if (!p->refused && p->handlers->text)
        p->handlers->text(p->state, bytes, len);
}

static void
has_document_type(void *user, const XML_Char *name, const XML_Char *system, const XML_Char *public,
                  int subset)
{
    struct part *p = user;

    (void)name;
    (void)system;
    (void)public;
    (void)subset;
    (void)format_broken(p->t, p->path);
    part_refuse(p);
}

void
part_pause(struct part *p)
{
    p->paused = true;
    XML_StopParser(p->parser, XML_TRUE);
}

void
part_refuse(struct part *p)
{
    p->refused = true;
    XML_StopParser(p->parser, XML_FALSE);
}

enum fault_code
part_open(struct task *t, struct package *z, const char *path, const struct part_handlers *h,
          void *state, struct part **out)
{
    zip_int64_t at = zip_name_locate(z->zip, path, ZIP_FL_NOCASE);
    zip_file_t *file = at < 0 ? NULL : zip_fopen_index(z->zip, (zip_uint64_t)at, 0);
    struct part *p;

    if (!file) {
        int why = at < 0 ? ZIP_ER_NOENT : zip_error_code_zip(zip_get_error(z->zip));

        if (why == ZIP_ER_NOPASSWD || why == ZIP_ER_ENCRNOTSUPP)
            return fault(t, FAULT_INPUT, "/file",
                         "文件有密码：请去掉密码后再上传 | "
                         "the file is locked by a password: remove it and send the file again");
        return format_broken(t, path);
    }
    p = calloc(1, sizeof *p);
    must(p);
    *p = (struct part){
        .file = file, .handlers = h, .state = state, .path = strdup(path)};
    p->parser = XML_ParserCreate(NULL);
    must(p->parser && p->path);
    XML_SetUserData(p->parser, p);
    XML_SetElementHandler(p->parser, begun, ended);
    XML_SetCharacterDataHandler(p->parser, said);
    XML_SetStartDoctypeDeclHandler(p->parser, has_document_type);
    *out = p;
    return FAULT_NONE;
}

/* One more piece of the part into the parser. */
static enum fault_code
feed(struct task *t, struct part *p, enum XML_Status *status)
{
    void *room = XML_GetBuffer(p->parser, PART_CHUNK);
    zip_int64_t n;

    must(room);
    n = zip_fread(p->file, room, PART_CHUNK);
    if (n < 0)
        return format_broken(t, p->path);
    p->unpacked += (size_t)n;
    if (p->unpacked > LIMIT_SHEET_UNPACKED)
        return unpacked_too_much(t);
    p->last = n == 0;
    *status = XML_ParseBuffer(p->parser, (int)n, p->last);
    return FAULT_NONE;
}

enum fault_code
part_read(struct task *t, struct part *p, bool *done)
{
    enum XML_Status status;
    enum fault_code code;

    p->t = t;
    *done = false;
    if (p->paused) {
        p->paused = false;
        status = XML_ResumeParser(p->parser);
    } else {
        status = XML_STATUS_OK;
    }
    for (;;) {
        if (p->refused)
            return t->fault.code;
        if (status == XML_STATUS_ERROR)
            return format_broken(t, p->path);
        if (status == XML_STATUS_SUSPENDED)
            return FAULT_NONE;
        if (p->last) {
            *done = true;
            return FAULT_NONE;
        }
        if ((code = feed(t, p, &status)) != FAULT_NONE)
            return code;
    }
}

void
part_close(struct part *p)
{
    if (!p)
        return;
    XML_ParserFree(p->parser);
    zip_fclose(p->file);
    free((char *)p->path);
    free(p);
}

enum fault_code
part_whole(struct task *t, struct package *z, const char *path, const struct part_handlers *h,
           void *state)
{
    struct part *p;
    bool done = false;
    enum fault_code code;

    if (!package_has(z, path))
        return FAULT_NONE;
    if ((code = part_open(t, z, path, h, state, &p)) != FAULT_NONE)
        return code;
    while ((code = part_read(t, p, &done)) == FAULT_NONE && !done)
        ;
    part_close(p);
    return code;
}
