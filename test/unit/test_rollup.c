/* SPDX-License-Identifier: Apache-2.0 */
/* test_rollup.c - figures equal a recount, at every node, along every line, on every day. */
#include "city.h"

static void
figures_follow_creates_and_states(void **state)
{
    struct city *c = *state;
    const char *id = city_hazard(c, 10);

    assert_int_equal(city_figure(c, city_who.clerk, "hazard_open", "place=320205"), 1);
    city_apply(c, city_who.safety, id);
    assert_string_equal(city_state(c, id), "applied");
    city_proves(c);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(figures_follow_creates_and_states, city_setup, city_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, city_end);
}
