/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_format_read.c - workbooks and CSV as Excel, WPS, LibreOffice and scripts write them.
 */
#include "format/format.h"
#include "format/inside.h"
#include "workbook.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(x) (sizeof(x) / sizeof *(x))

static struct task task;

static int
setup(void **state)
{
    (void)state;
    task_init(&task, 0, 1);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    task_release(&task);
    return 0;
}

static const char *
rows_of(const char *bytes, size_t len)
{
    struct format_table *table;
    const char *rows;

    assert_int_equal(format_open(&task, bytes, len, &table), FAULT_NONE);
    rows = workbook_rows(&task, table);
    assert_int_equal(task.fault.code, FAULT_NONE);
    format_close(table);
    return rows;
}

static const char *
book_rows(const struct workbook_part *parts, size_t n)
{
    size_t len;
    const char *bytes = workbook_of(&task, parts, n, &len);

    return rows_of(bytes, len);
}

/* Shared strings with runs and pronunciation, dates by style, formulas with what they came to. */
static void
a_workbook_of_excel_is_read(void **state)
{
    static const struct workbook_part parts[] = {
        WORKBOOK_ROOT,
        WORKBOOK_ONE_SHEET,
        {"xl/styles.xml",
         "<styleSheet><numFmts><numFmt numFmtId=\"176\" formatCode=\"yyyy&quot;年&quot;m&quot;月&quot;"
         "d&quot;日&quot;;@\"/><numFmt numFmtId=\"177\" formatCode=\"0.00_ \"/></numFmts>"
         "<cellStyleXfs><xf numFmtId=\"14\"/></cellStyleXfs>"
         "<cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"176\"/><xf numFmtId=\"177\"/>"
         "<xf numFmtId=\"22\"/><xf numFmtId=\"20\"/></cellXfs></styleSheet>",
         0},
        {"xl/sharedStrings.xml",
         "<sst count=\"3\"><si><t>企业名称</t></si><si><r><t>甲</t></r><r><rPr/><t xml:space=\"preserve\"> "
         "厂</t></r><rPh sb=\"0\" eb=\"1\"><t>jia</t></rPh></si><si><t>两行_x000D_\n文字 _x005F_x0041_ _x615@_</t>"
         "</si></sst>",
         0},
        {"xl/worksheets/sheet1.xml",
         "<worksheet><dimension ref=\"A1:H3\"/><sheetData>"
         "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"C1\" t=\"s\"><v>1</v></c></row>"
         "<row r=\"3\"><c r=\"A3\" s=\"1\"><v>46023</v></c><c r=\"B3\" s=\"2\"><v>46023.0</v></c>"
         "<c r=\"C3\" s=\"3\"><v>0.30000000000000004</v></c><c r=\"D3\" s=\"4\"><v>46023.395833333336</v></c>"
         "<c r=\"E3\" s=\"5\"><v>0.5</v></c><c r=\"F3\" t=\"str\"><f>A1&amp;\"x\"</f><v>文本</v></c>"
         "<c r=\"G3\"><f>1+1</f><v>2</v></c><c r=\"H3\" t=\"b\"><v>1</v></c>"
         "<c r=\"I3\" t=\"e\"><v>#N/A</v></c><c r=\"J3\" t=\"s\"><v>2</v></c><c r=\"K3\" s=\"1\"/></row>"
         "</sheetData></worksheet>",
         0},
    };
    (void)state;
    assert_string_equal(book_rows(parts, COUNT(parts)),
                        "1: A=企业名称 C=甲 厂\n"
                        "3: A@=2026-01-01 B@=2026-01-01 C#=0.3 D@=2026-01-01T09:30:00 E~=12:00:00 F=文本 "
                        "G#=2 H?=true I!=#N/A J=两行\n文字 _x0041_ _x615@_\n");
}

/* A claim of the whole sheet, thousands of formatted empty rows, numbers in text cells. */
static void
a_workbook_of_wps_is_read(void **state)
{
    struct text sheet;
    struct workbook_part parts[] = {WORKBOOK_ROOT, WORKBOOK_ONE_SHEET, {0}};
    unsigned i;

    (void)state;
    text_init(&sheet, task.arena);
    text_puts(&sheet, "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?><worksheet "
                      "xmlns:etc=\"http://www.wps.cn/officeDocument/2017/etCustomData\"><dimension "
                      "ref=\"A1:XFD1048576\"/><cols><col min=\"1\" max=\"16384\" width=\"9\"/></cols>"
                      "<sheetData><row r=\"1\" spans=\"1:16384\"><c r=\"A1\" t=\"inlineStr\"><is><t>　０１２"
                      "</t></is></c><c r=\"XFD1\" s=\"3\"/></row>");
    for (i = 2; i < 60000; i++)
        text_printf(&sheet, "<row r=\"%u\"><c r=\"A%u\" s=\"1\"/></row>", i, i);
    text_puts(&sheet, "<row r=\"60000\"><c r=\"B60000\"><v>1E+3</v></c></row></sheetData></worksheet>");
    parts[3] = (struct workbook_part){"xl/worksheets/sheet1.xml", sheet.bytes, sheet.len};
    assert_string_equal(book_rows(parts, COUNT(parts)), "1: A=　０１２\n60000: B#=1000\n");
}

/* Absolute targets, a part's own name, the 1904 system. */
static void
a_workbook_of_libreoffice_is_read(void **state)
{
    static const struct workbook_part parts[] = {
        {"[Content_Types].xml", "<Types/>", 0},
        {"_rels/.rels",
         "<Relationships><Relationship Id=\"rId1\" Type=\"x/officeDocument\" "
         "Target=\"/xl/workbook.xml\"/></Relationships>",
         0},
        {"xl/workbook.xml",
         "<workbook><workbookPr date1904=\"true\"/><sheets><sheet name=\"台账\" sheetId=\"7\" "
         "state=\"visible\" r:id=\"rId9\" xmlns:r=\"y\"/></sheets></workbook>",
         0},
        {"xl/_rels/workbook.xml.rels",
         "<Relationships><Relationship Id=\"rId9\" Type=\"" WORKBOOK_TYPE
         "\" Target=\"/xl/worksheets/tabelle.xml\"/></Relationships>",
         0},
        {"xl/styles.xml",
         "<styleSheet><numFmts><numFmt numFmtId=\"164\" formatCode=\"General\"/><numFmt numFmtId=\"165\" "
         "formatCode=\"[$-804]yyyy/m/d\"/></numFmts><cellXfs><xf numFmtId=\"164\"/><xf "
         "numFmtId=\"165\"/></cellXfs></styleSheet>",
         0},
        {"xl/worksheets/tabelle.xml",
         "<worksheet><sheetData><row r=\"1\"><c r=\"A1\" s=\"0\" t=\"n\"><v>12.50</v></c><c r=\"B1\" s=\"1\" "
         "t=\"n\"><v>44561</v></c></row></sheetData></worksheet>",
         0},
    };
    (void)state;
    assert_string_equal(book_rows(parts, COUNT(parts)), "1: A#=12.5 B@=2026-01-01\n");
}

/* Every element under a prefix, no references: what the Open XML SDK and report tools write. */
static void
a_workbook_of_a_script_is_read(void **state)
{
    static const struct workbook_part parts[] = {
        WORKBOOK_ROOT,
        WORKBOOK_ONE_SHEET,
        {"xl/worksheets/sheet1.xml",
         "<x:worksheet xmlns:x=\"u\"><x:sheetData><x:row><x:c t=\"inlineStr\"><x:is><x:t>a</x:t></x:is></x:c>"
         "<x:c/><x:c><x:v>3</x:v></x:c></x:row><x:row><x:c t=\"d\"><x:v>2026-11-21T00:00:00</x:v></x:c>"
         "</x:row></x:sheetData></x:worksheet>",
         0},
    };
    (void)state;
    assert_string_equal(book_rows(parts, COUNT(parts)), "1: A=a C#=3\n2: A@=2026-11-21\n");
}

static void
hidden_sheets_are_passed_and_others_chosen(void **state)
{
    static const struct workbook_part parts[] = {
        WORKBOOK_ROOT,
        {"xl/workbook.xml",
         "<workbook><sheets><sheet name=\"h\" state=\"hidden\" r:id=\"a\"/><sheet name=\"2024\" r:id=\"b\"/>"
         "<sheet name=\"chart\" r:id=\"d\"/><sheet name=\"2025\" r:id=\"c\"/></sheets></workbook>",
         0},
        {"xl/_rels/workbook.xml.rels",
         "<Relationships><Relationship Id=\"a\" Type=\"" WORKBOOK_TYPE "\" Target=\"1.xml\"/><Relationship "
         "Id=\"b\" Type=\"" WORKBOOK_TYPE "\" Target=\"./2.xml\"/><Relationship Id=\"c\" Type=\"" WORKBOOK_TYPE
         "\" Target=\"../xl/3.xml\"/><Relationship Id=\"d\" Type=\"x/chartsheet\" "
         "Target=\"4.xml\"/></Relationships>",
         0},
        {"xl/1.xml", "<a><sheetData><row><c><v>1</v></c></row></sheetData></a>", 0},
        {"xl/2.xml", "<a><sheetData><row><c><v>2</v></c></row></sheetData></a>", 0},
        {"xl/3.xml", "<a><sheetData><row><c><v>3</v></c></row></sheetData></a>", 0},
    };
    struct format_table *table;
    const char *bytes;
    size_t len;

    (void)state;
    bytes = workbook_of(&task, parts, COUNT(parts), &len);
    assert_int_equal(format_open(&task, bytes, len, &table), FAULT_NONE);
    assert_int_equal(format_sheets(table), 2);
    assert_string_equal(format_sheet_name(table, 1), "2025");
    assert_string_equal(workbook_rows(&task, table), "1: A#=2\n");
    assert_int_equal(format_select(&task, table, 1), FAULT_NONE);
    assert_string_equal(workbook_rows(&task, table), "1: A#=3\n");
    assert_int_equal(format_select(&task, table, 0), FAULT_NONE);
    assert_string_equal(workbook_rows(&task, table), "1: A#=2\n");
    format_close(table);
}

static void
number_formats_say_what_is_a_date(void **state)
{
    static const struct {
        const char *code;
        enum serial_style style;
    } cases[] = {
        {"General", SERIAL_NUMBER},       {"G/通用格式", SERIAL_NUMBER},  {"0.00E+00", SERIAL_NUMBER},
        {"#,##0.00", SERIAL_NUMBER},      {"yyyy-mm-dd", SERIAL_DATE},    {"m/d", SERIAL_DATE},
        {"mmm", SERIAL_DATE},             {"[h]:mm:ss", SERIAL_NUMBER},   {"h:mm", SERIAL_TIME},
        {"mm:ss", SERIAL_TIME},           {"\"day\"0", SERIAL_NUMBER},    {"[Red]0", SERIAL_NUMBER},
        {"[$-804]e\"年\"", SERIAL_DATE},  {"0;[Red]yyyy", SERIAL_NUMBER}, {"\\d0", SERIAL_NUMBER},
        {"yyyy\\-mm\\-dd\\ hh:mm", SERIAL_DATE},
        {"[DBNum1][$-804]yyyy\"年\"m\"月\";@", SERIAL_DATE},
    };
    static const struct {
        const char *value, *text;
        enum format_type type;
    } serials[] = {
        {"1", "1900-01-01", FORMAT_DATE},     {"59", "1900-02-28", FORMAT_DATE},
        {"60", "60", FORMAT_NUMBER},          {"61", "1900-03-01", FORMAT_DATE},
        {"25569", "1970-01-01", FORMAT_DATE}, {"2958465", "9999-12-31", FORMAT_DATE},
        {"2958466", "2958466", FORMAT_NUMBER}, {"-1", "-1", FORMAT_NUMBER},
        {"46023.999999999", "2026-01-02", FORMAT_DATE},
    };
    struct format_cell cell;
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(cases); i++)
        assert_int_equal(serial_code(cases[i].code), cases[i].style);
    for (i = 0; i < COUNT(serials); i++) {
        assert_true(serial_cell(task.arena, serials[i].value, SERIAL_DATE, false, &cell));
        assert_int_equal(cell.type, serials[i].type);
        assert_string_equal(cell.text, serials[i].text);
    }
    assert_false(serial_cell(task.arena, "12a", SERIAL_NUMBER, false, &cell));
    assert_false(serial_cell(task.arena, "nan", SERIAL_NUMBER, false, &cell));
}

static void
commas_and_characters_are_found_by_the_bytes(void **state)
{
    static const char quoted[] = "\xef\xbb\xbf名称,\"a, \"\"b\"\"\",\"两\n行\"\r\n,,\r\n\r\nx,,3";
    static const char gb18030[] = "\xc6\xf3\xd2\xb5,\xb0\xb2\xc8\xab\n";
    static const char tabs[] = "a,b\tc\td\n1\t2\t3\n";
    static const char utf16[] = "\xff\xfe\x01\x4f\t\0\x1a\x4e\n\0";

    (void)state;
    assert_string_equal(rows_of(quoted, sizeof quoted - 1), "1: A=名称 B=a, \"b\" C=两\n行\n5: A=x C=3\n");
    assert_string_equal(rows_of(gb18030, sizeof gb18030 - 1), "1: A=企业 B=安全\n");
    assert_string_equal(rows_of(tabs, sizeof tabs - 1), "1: A=a,b B=c C=d\n2: A=1 B=2 C=3\n");
    assert_string_equal(rows_of(utf16, sizeof utf16 - 1), "1: A=企 B=业\n");
}

static void
references_are_as_programs_show_them(void **state)
{
    (void)state;
    assert_string_equal(format_reference(task.arena, 0, 1), "A1");
    assert_string_equal(format_reference(task.arena, 25, 9), "Z9");
    assert_string_equal(format_reference(task.arena, 26, 10), "AA10");
    assert_string_equal(format_reference(task.arena, 16383, 1048576), "XFD1048576");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_workbook_of_excel_is_read, setup, teardown),
        cmocka_unit_test_setup_teardown(a_workbook_of_wps_is_read, setup, teardown),
        cmocka_unit_test_setup_teardown(a_workbook_of_libreoffice_is_read, setup, teardown),
        cmocka_unit_test_setup_teardown(a_workbook_of_a_script_is_read, setup, teardown),
        cmocka_unit_test_setup_teardown(hidden_sheets_are_passed_and_others_chosen, setup, teardown),
        cmocka_unit_test_setup_teardown(number_formats_say_what_is_a_date, setup, teardown),
        cmocka_unit_test_setup_teardown(commas_and_characters_are_found_by_the_bytes, setup, teardown),
        cmocka_unit_test_setup_teardown(references_are_as_programs_show_them, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
