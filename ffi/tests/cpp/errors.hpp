// What errors.no_exceptions.cpp offers to errors.cpp. Nothing of frameseal.hpp can be in it: the
// two are compiled in different modes.
#ifndef FRAMESEAL_TESTS_ERRORS_HPP
#define FRAMESEAL_TESTS_ERRORS_HPP

bool works_without_exceptions();
bool aborts_without_exceptions();

#endif
