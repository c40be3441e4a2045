# Writes OUTPUT: for each of INPUTS "extern const char embedded_NAME[]", NUL-terminated, where NAME is
# the file's name with every other character than a letter or digit turned into "_".
set(text "")
foreach(input IN LISTS INPUTS)
  get_filename_component(name ${input} NAME)
  string(REGEX REPLACE "[^A-Za-z0-9]" "_" name ${name})
  file(READ ${input} bytes HEX)
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
  string(APPEND text "extern const char embedded_${name}[];\n")
  string(APPEND text "const char embedded_${name}[] = {${bytes}0};\n")
endforeach()
file(WRITE ${OUTPUT} "${text}")
