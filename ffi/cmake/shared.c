/* CMake links no library without a source; all of this one is in the static library. */
typedef int frameseal_no_empty_file;
