#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# tool/embed.sh OUT.s NAME=PATH...: writes the assembler file that fills embed_files and
# embed_files_len of src/base/embed.h (path, bytes, length: three words a row).
# A folder gives NAME/… for every file under it, a file gives NAME alone; one that is not there
# gives nothing. Sorted by the bytes of the path, which the look-up counts on. A zero byte stands
# behind each file's bytes and is not counted in its length.
set -eu
export LC_ALL=C

out=$1
shift
list=$(mktemp)
trap 'rm -f "$list" "$out.part"' EXIT

for pair; do
    name=${pair%%=*}
    path=${pair#*=}
    if [ -d "$path" ]; then
        (cd "$path" && find . -type f ! -name '.*' ! -path '*/.*/*') |
            sed "s|^\\./\\(.*\\)\$|$name/\\1	$path/\\1|"
    elif [ -f "$path" ]; then
        printf '%s\t%s\n' "$name" "$path"
    fi
done | sort -t '	' -k 1,1 >"$list"

if grep -n '["\\]' "$list" >&2; then
    echo "tool/embed.sh: a quote or backslash in a file's name" >&2
    exit 1
fi

awk -F '\t' '
BEGIN { print "    .section .rodata" }
{
    printf "    .balign 16\nembed_%d:\n    .incbin \"%s\"\nembed_%d_end:\n    .byte 0\n", NR, $2, NR
    printf "embed_%d_path:\n    .asciz \"%s\"\n", NR, $1
}
END {
    print "    .balign 8\n    .globl embed_files_len\n    .type embed_files_len, @object"
    printf "    .size embed_files_len, 8\nembed_files_len:\n    .quad %d\n", NR
    print "    .section .data.rel.ro,\"aw\",@progbits\n    .balign 16"
    print "    .globl embed_files\n    .type embed_files, @object"
    printf "    .size embed_files, %d\nembed_files:\n", 24 * (NR + 1)
    for (i = 1; i <= NR; i++)
        printf "    .quad embed_%d_path, embed_%d, embed_%d_end - embed_%d\n", i, i, i, i
    print "    .quad 0, 0, 0\n    .section .note.GNU-stack,\"\",@progbits"
}' "$list" >"$out.part"
mv "$out.part" "$out"
