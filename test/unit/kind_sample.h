/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kind_sample.h - a small sound definition, and ways to spoil one place of it.
 *
 * Texts are written with ' for ", so that JSON stays readable in C.
 */
#ifndef TEST_KIND_SAMPLE_H
#define TEST_KIND_SAMPLE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "kind/kind.h"

static const char *const repair =
    "{'kind':'repair','version':1,'title':'整改 | Repair',"
    "'fields':{'required':['enterprise','found_on','description'],'properties':{"
    "'enterprise':{'title':'单位 | Unit','type':'string','x-field':'unit','x-index':true},"
    "'found_on':{'title':'日期 | Found on','type':'string','format':'date','x-index':true},"
    "'level':{'title':'等级 | Level','enum':['general','major'],'x-index':true,"
    "'x-titles':{'general':'一般 | General','major':'重大 | Major'}},"
    "'description':{'title':'描述 | Description','type':'string','minLength':4,'maxLength':200},"
    "'reason':{'title':'理由 | Reason','type':'string','maxLength':200},"
    "'money':{'title':'资金 | Money','type':'string','x-field':'money'},"
    "'times':{'title':'次数 | Times','type':'integer','default':0},"
    "'twice':{'title':'两倍 | Twice','type':'integer','x-value':{'*':[{'var':'times'},2]}},"
    "'parts':{'title':'部分 | Parts','type':'array','items':{'type':'object','properties':{"
    "'unit':{'type':'string','x-field':'unit'},'cost':{'type':'string','x-field':'decimal'}}}},"
    "'photos':{'title':'照片 | Photographs','type':'array','maxItems':3,"
    "'items':{'type':'string','x-field':'file'}},"
    "'sealed':{'title':'举报人 | Reporter','type':'string','x-private':'reporter'},"
    "'holder':{'title':'责任人 | Person','type':'string','x-field':'person'},"
    "'parent':{'title':'上级 | Parent','type':'string','x-field':'record:repair','x-index':true},"
    "'deadline':{'title':'期限 | Deadline','type':'string','format':'date','x-chips':[3,7]}}},"
    "'states':[{'state':'open','title':'在办 | Open','desk':['enterprise','office:place']},"
    "{'state':'applied','title':'申请 | Applied','desk':['upper:owner']},"
    "{'state':'closed','title':'办结 | Closed','final':true}],"
    "'steps':[{'step':'create','title':'登记 | Record','from':[],'to':'open',"
    "'who':[{'role':['inspector'],'is':'supervises:enterprise'},{'is':'rule'}],"
    "'ask':['enterprise!','found_on!','description!','level','photos','parent'],"
    "'set':{'owner':{'var':'enterprise'}}},"
    "{'step':'apply','title':'申请 | Apply','from':['open'],'to':'applied','who':['owner'],"
    "'ask':['photos!','reason','deadline','money','parts'],'do':[{'notify':['upper:owner']}]},"
    "{'step':'return','title':'退回 | Return','from':['applied'],'to':'open',"
    "'who':[{'is':'upper:owner'}],'apart':['owed'],'ask':['reason!','deadline!']},"
    "{'step':'verify','title':'验收 | Verify','from':['applied'],'to':'closed',"
    "'who':[{'is':'upper:owner'}],'apart':['owed','person:did:apply'],"
    "'if':{'==':[{'var':'total.below'},0]}},"
    "{'step':'reopen','title':'重开 | Re-open','from':['closed'],'to':'open',"
    "'who':[{'is':'rule'}],'set':{'times':{'+':[{'var':'times'},1]}},"
    "'do':[{'step':'reopen','over':'parent','if':{'==':[{'var':'parent.state'},'closed']}}]}],"
    "'clocks':[{'clock':'repair','title':'整改期限 | To repair','in':['open'],'from':'enter',"
    "'after':'5wd','do':[{'after':'-2d','notify':['owner']},"
    "{'after':'0d','notify':['owner','upper:owner'],'if':{'==':[{'var':'level'},'major']}}]},"
    "{'clock':'verify','title':'验收期限 | To verify','in':['applied'],'from':'apply',"
    "'after':'SD-order-review','do':[{'after':'0d','notify':['desk']}]}],"
    "'totals':{'below':{'over':{'from':'repair.parent','in':['open','applied']},'agg':'count'}},"
    "'sight':[{'to':['holder'],'fields':['description','state']}],"
    "'figures':[{'figure':'repair_open','title':'在办 | Open','in':['open'],'agg':'count',"
    "'by':['level']},"
    "{'figure':'repair_closed','title':'办结 | Closed','step':['verify'],'agg':'count',"
    "'by':['level']},"
    "{'figure':'repair_rate','title':'办结率 | Rate','agg':'ratio:repair_closed/repair_open'}],"
    "'number':{'step':'create','set':'{place}-ZG-{year}-{serial:4}'},"
    "'show':[{'to':'list','fields':['number','enterprise','state']},"
    "{'to':'form','title':'登记 | Record','fields':['enterprise','description']}]}";

/* ' for " */
static inline char *
quoted(struct task *t, const char *text)
{
    char *out = arena_text(t->arena, text);
    for (char *p = out; *p; p++)
        if (*p == '\'')
            *p = '"';
    return out;
}

static inline struct json *
sample_json(struct task *t, const char *text)
{
    struct json *out;
    const char *bytes = quoted(t, text);
    assert_int_equal(json_read(t, bytes, strlen(bytes), &out), FAULT_NONE);
    return out;
}

static inline struct json *
step_into(struct json *at, const char *token)
{
    return json_is(at, JSON_ARRAY) ? json_at(at, (size_t)atoi(token)) : json_get(at, token);
}

/* Sets (or with NULL removes) what `pointer` names; "-" adds to a list. */
static inline void
spoil(struct task *t, struct json *file, const char *pointer, const char *value)
{
    char *save = NULL, *path = arena_text(t->arena, pointer);
    char *token = strtok_r(path, "/", &save);
    struct json *at = file, *v = value ? sample_json(t, value) : NULL;
    for (char *next; (next = strtok_r(NULL, "/", &save)) != NULL; token = next)
        assert_non_null(at = step_into(at, token));
    if (json_is(at, JSON_ARRAY) && strcmp(token, "-") == 0)
        json_push(t->arena, at, v);
    else if (json_is(at, JSON_ARRAY))
        at->array.at[atoi(token)] = v;
    else
        json_set(t->arena, at, token, v);
}

static inline const char *
sample_part(void *who, const char *name, size_t *len)
{
    struct task *t = who;
    const char *text = NULL;
    if (strcmp(name, "rungs") == 0)
        text = "[{'after':'0d','notify':['owner'],'title':'提醒 | Reminder'},"
               "{'after':'1d','notify':['upper:owner']}]";
    else if (strcmp(name, "bad_rungs") == 0)
        text = "[{'after':'0d','notify':['nobody']}]";
    else if (strcmp(name, "circle") == 0)
        text = "[{'use':'circle'}]";
    else if (strcmp(name, "whole") == 0)
        text = "{'totals':{'also':{'over':'repair.parent','agg':'count'}},"
               "'show':[{'to':'card','fields':['number']}]}";
    if (!text)
        return NULL;
    text = quoted(t, text);
    *len = strlen(text);
    return text;
}

static inline enum fault_code
load_json(struct task *t, const struct json *file, struct kind **out)
{
    const struct kind_files files = {sample_part, t};
    const char *bytes = json_string(t->arena, file);
    return kind_load(t, bytes, strlen(bytes), &files, out);
}

static inline struct kind *
load_sound(struct task *t, const struct json *file)
{
    struct kind *k = NULL;
    enum fault_code code = load_json(t, file, &k);
    for (unsigned i = 0; i < t->fault.n_items; i++)
        print_message("%s: %s\n", t->fault.items[i].pointer, t->fault.items[i].en);
    assert_int_equal(code, FAULT_NONE);
    return k;
}

/* The fault has an item at `pointer` whose English says `words`, and both languages. */
static inline void
assert_refused(const struct task *t, const char *pointer, const char *words)
{
    assert_int_equal(t->fault.code, FAULT_INPUT);
    bool found = false;
    for (unsigned i = 0; i < t->fault.n_items; i++) {
        const struct fault_item *item = &t->fault.items[i];
        assert_true(item->zh && *item->zh && item->en && *item->en);
        found |= strcmp(item->pointer, pointer) == 0 && strstr(item->en, words);
    }
    for (unsigned i = 0; !found && i < t->fault.n_items; i++)
        print_message("%s: %s\n", t->fault.items[i].pointer, t->fault.items[i].en);
    assert_true(found);
}

static inline int
task_begin(void **state)
{
    struct task *t = calloc(1, sizeof *t);
    task_init(t, INT64_C(1795212000000), 7);
    *state = t;
    return 0;
}

static inline int
task_end(void **state)
{
    task_release(*state);
    free(*state);
    return 0;
}

#endif
