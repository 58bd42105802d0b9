# What the binary holds: definitions/, standards/, sql/, demo/ as they stand, the built pages as
# web/…, statements.txt and places.txt.gz. tool/embed.sh writes them, sorted by path, into one assembler file
# that fills embed_files of src/base/embed.h. A file added, changed or removed makes it anew.

set(made ${CMAKE_BINARY_DIR}/embed)
file(MAKE_DIRECTORY ${made})
set(embed_trees "")
set(embed_needs "")

foreach(tree definitions standards sql demo)
    file(GLOB_RECURSE files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${tree}/*)
    list(APPEND embed_trees ${tree}=${CMAKE_SOURCE_DIR}/${tree})
    list(APPEND embed_needs ${files})
endforeach()

# The tree of places takes some seconds to make and is the same in every build folder, so that
# build/places.txt.gz serves them all.
set(places tool/places.mjs tool/package.json tool/package-lock.json)
list(TRANSFORM places PREPEND ${CMAKE_SOURCE_DIR}/)
if(ZHIBEN_PLACES AND EXISTS ${CMAKE_SOURCE_DIR}/tool/places.mjs
        AND EXISTS ${CMAKE_SOURCE_DIR}/tool/package-lock.json)
    add_custom_command(OUTPUT ${made}/places.stamp
        COMMAND ${CMAKE_SOURCE_DIR}/script/places
        COMMAND ${CMAKE_COMMAND} -E touch ${made}/places.stamp
        DEPENDS ${places}
        COMMENT "places.txt.gz" VERBATIM)
    list(APPEND embed_trees places.txt.gz=${CMAKE_SOURCE_DIR}/build/places.txt.gz)
    list(APPEND embed_needs ${made}/places.stamp)
else()
    message(STATUS "places.txt.gz: left out")
endif()

if(ZHIBEN_PAGES AND EXISTS ${CMAKE_SOURCE_DIR}/web/package-lock.json)
    file(GLOB_RECURSE pages CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/web/src/*
        ${CMAKE_SOURCE_DIR}/web/public/*)
    file(GLOB settings CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/web/*.html
        ${CMAKE_SOURCE_DIR}/web/*.ts ${CMAKE_SOURCE_DIR}/web/*.js ${CMAKE_SOURCE_DIR}/web/*.json)
    add_custom_command(OUTPUT ${made}/web.stamp
        COMMAND ${CMAKE_SOURCE_DIR}/script/pages ${made}/web
        COMMAND ${CMAKE_COMMAND} -E touch ${made}/web.stamp
        DEPENDS ${pages} ${settings}
        COMMENT "pages" VERBATIM)
    list(APPEND embed_trees web=${made}/web)
    list(APPEND embed_needs ${made}/web.stamp)
else()
    message(STATUS "web/: left out")
endif()

# Every statement the binary may send, told from its sources: `zhiben statements`.
file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/*.[ch])
file(GLOB_RECURSE scripts CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/sql/*)
add_custom_command(OUTPUT ${made}/statements.txt
    COMMAND ${CMAKE_SOURCE_DIR}/script/node ${CMAKE_SOURCE_DIR}/tool/statements.mjs ${made}/statements.txt
    DEPENDS ${sources} ${scripts} ${CMAKE_SOURCE_DIR}/tool/statements.mjs
    COMMENT "statements.txt" VERBATIM)
list(APPEND embed_trees statements.txt=${made}/statements.txt)
list(APPEND embed_needs ${made}/statements.txt)

add_custom_command(OUTPUT ${made}/embed.s
    COMMAND sh ${CMAKE_SOURCE_DIR}/tool/embed.sh ${made}/embed.s ${embed_trees}
    DEPENDS ${embed_needs} ${CMAKE_SOURCE_DIR}/tool/embed.sh
    COMMENT "embed.s" VERBATIM)
add_library(zhiben_embed STATIC ${made}/embed.s)
