/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kind/load.c - reads one definition from its bytes, in order, and reports all it refuses.
 *
 * Knows: the words at the top of a file, how names, titles and lists are written.
 * Does not know: what fields, steps, clocks, figures and sight mean: load_*.c do.
 */
#include "kind/inside.h"
#include "base/hash.h"
#include <string.h>

bool
load_is_name(const char *s)
{
    if (!s || s[0] < 'a' || s[0] > 'z')
        return false;
    size_t n = 0;
    for (; s[n]; n++)
        if (!((s[n] >= 'a' && s[n] <= 'z') || (s[n] >= '0' && s[n] <= '9') || s[n] == '_'))
            return false;
    return n <= LIMIT_NAME;
}

bool
load_is_column(const char *name)
{
    static const char *const columns[] = {
        "id",   "number", "state",  "level",      "cycle",     "place", "line",
        "owner", "raiser", "desk",  "created_at", "closed_at", "due"};
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        if (text_equal(columns[i], name))
            return true;
    return false;
}

static bool
has_word(const char *words, const char *name)
{
    size_t n = strlen(name);
    for (const char *at = words; (at = strstr(at, name)) != NULL; at += n)
        if ((at == words || at[-1] == ' ') && (at[n] == ' ' || at[n] == 0))
            return true;
    return false;
}

bool
load_words(struct load *l, const char *at, const struct json *object, const char *words)
{
    if (!json_is(object, JSON_OBJECT)) {
        refuse(l, at, "这里须是对象 | An object belongs here");
        return false;
    }
    for (size_t i = 0; i < object->object.n; i++) {
        const char *name = object->object.at[i].name;
        if (!*name || !has_word(words, name))
            refuse(l, json_pointer(l->arena, at, name),
                   "不认识的词“%s”；此处可用：%s | Unknown word “%s”; here stand: %s", name, words,
                   name, words);
    }
    return true;
}

bool
load_title_holds(struct load *l, const char *at, const char *title)
{
    const char *bar = title ? strchr(title, '|') : NULL;
    if (bar && !strchr(bar + 1, '|') && *text_half(l->arena, title, false)
        && *text_half(l->arena, title, true))
        return true;
    refuse(l, at, "标题须写成“中文 | English”，两种语言都要有 | "
                  "Write the title as “中文 | English”, in both languages");
    return false;
}

const char *
load_title(struct load *l, const char *at, const struct json *object, bool needed)
{
    const struct json *title = json_get(object, "title");
    if (!title && !needed)
        return NULL;
    const char *text = json_text(title);
    return load_title_holds(l, json_pointer(l->arena, at, "title"), text) ? text : NULL;
}

const char *
load_name(struct load *l, const char *at, const struct json *object, const char *word)
{
    const char *name = json_text_of(object, word);
    if (load_is_name(name))
        return name;
    refuse(l, json_pointer(l->arena, at, word),
           "“%s”须是小写字母、数字和下划线组成的名称，不超过 %d 个字符 | “%s” must be a name of "
           "lower-case letters, digits and underscores, at most %d", word, LIMIT_NAME, word,
           LIMIT_NAME);
    return NULL;
}

const char *
load_item(struct load *l, const char *at, const struct json *array, size_t i)
{
    const struct json *item = json_at(array, i);
    for (size_t j = 0; j < l->n_origins; j++)
        if (l->origins[j].item == item)
            return l->origins[j].pointer;
    return json_pointer_index(l->arena, at, i);
}

const struct json *
load_list(struct load *l, const char *at, const struct json *object, const char *word)
{
    const struct json *list = json_get(object, word);
    if (list && !json_is(list, JSON_ARRAY)) {
        refuse(l, json_pointer(l->arena, at, word), "“%s”须是列表 | “%s” must be a list", word,
               word);
        return NULL;
    }
    return list;
}

const struct json *
load_in(struct load *l, const char *at, const struct json *object)
{
    const struct json *in = load_list(l, at, object, "in");
    if (in && !json_count(in))
        refuse(l, json_pointer(l->arena, at, "in"), "须写状态 | Name the states");
    return in;
}

const char **
load_names(struct load *l, const char *at, const struct json *array, size_t *n)
{
    size_t count = json_count(array);
    const char **out = load_new(l, const char *, count);
    *n = 0;
    for (size_t i = 0; i < count; i++) {
        const char *text = json_text(json_at(array, i));
        if (text)
            out[(*n)++] = text;
        else
            refuse(l, load_item(l, at, array, i), "这里须是名称 | A name belongs here");
    }
    return out;
}

kind_states
load_states_of(struct load *l, const char *at, const struct json *array)
{
    kind_states set = 0;
    for (size_t i = 0; i < json_count(array); i++) {
        const char *name = json_text(json_at(array, i));
        const struct kind_state *s = name ? kind_state(l->k, name) : NULL;
        if (s)
            set |= (kind_states)1 << s->number;
        else
            refuse(l, load_item(l, at, array, i), "没有状态“%s” | There is no state “%s”",
                   name ? name : "?", name ? name : "?");
    }
    return set;
}

/* ---- the file as a whole ---- */

/* Kinds of events that are no records: docs/kept-format.md. */
static const char *const kept_names[] = {"org", "definition", "anchor"};

static void
load_head(struct load *l)
{
    struct kind *k = l->k;
    load_words(l, "", l->file,
               "kind version title fields states steps clocks totals sight figures number show "
               "carries migrate use");
    k->name = load_name(l, "", l->file, "kind");
    for (size_t i = 0; i < sizeof kept_names / sizeof *kept_names; i++)
        if (text_equal(k->name, kept_names[i]))
            refuse(l, "/kind", "“%s”是日志自用的名称，请另取 | “%s” is a name the log keeps for itself; "
                               "choose another",
                   kept_names[i], kept_names[i]);
    k->version = (int)json_int_of(l->file, "version", 0);
    if (k->version < 1 || k->version > 1000000)
        refuse(l, "/version", "版本号须是从 1 起的整数，内容一改就加一 | The version is an integer "
                              "from 1; it goes up by one with each change");
    k->title = load_title(l, "", l->file, true);
}

static void
load_digest(struct load *l)
{
    struct text bytes;
    text_init(&bytes, l->arena);
    if (json_canonical(l->t, l->file, false, &bytes) != FAULT_NONE) {
        l->refused++;
        return;
    }
    uint8_t digest[HASH_LEN];
    hash_bytes(HASH_SHA256, bytes.bytes, bytes.len, digest);
    l->k->digest = hash_hex(l->arena, digest, sizeof digest);
}

/*
 * Names first, so that anything may be named before it stands in the file; then what the names
 * mean; at last what only the whole shows.
 */
static void
load_body(struct load *l)
{
    load_head(l);
    load_fields(l);
    load_state_names(l);
    load_step_names(l);
    load_clock_names(l);
    load_totals(l);
    load_values(l);
    load_states(l);
    load_steps(l);
    load_clocks(l);
    load_figures(l);
    load_number(l);
    load_sight(l);
    load_show(l);
    load_carries(l);
    load_migrate(l);
    if (!l->refused)
        load_whole(l);
}

enum fault_code
kind_load(struct task *t, const char *bytes, size_t len, const struct kind_files *files,
          struct kind **out)
{
    struct load l = {.t = t, .arena = t->arena, .files = files};
    struct json *file;
    if (len > LIMIT_DEFINITION)
        return fault(t, FAULT_INPUT, "", "定义超过 %d 千字节，须分成几类 | The definition is over "
                     "%d kB: split the mechanism", LIMIT_DEFINITION / 1024,
        LIMIT_DEFINITION / 1024);
    enum fault_code code = json_read(t, bytes, len, &file);
    if (code != FAULT_NONE)
        return code;
    if (!json_is(file, JSON_OBJECT))
        return fault(t, FAULT_INPUT, "", "定义须是一个对象 | A definition is one object");
    l.file = load_parts(&l, file);
    l.k = load_new(&l, struct kind, 1);
    l.k->source = l.file;
    if (!l.refused)
        load_body(&l);
    if (!l.refused)
        load_digest(&l);
    if (l.refused)
        return FAULT_INPUT;
    *out = l.k;
    return FAULT_NONE;
}
