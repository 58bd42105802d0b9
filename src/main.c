/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main.c - the program.
 *
 * Knows: that commands are in cmd.
 * Does not know: anything else.
 */
#include "cmd/cmd.h"

int
main(int argc, char **argv)
{
    return cmd_main(argc, argv);
}
