// A second translation unit with frameseal.hpp in the same mode, which takes and gives its objects.
#define FRAMESEAL_EXCEPTIONS
#include "frameseal.hpp"
#include "frameseal.hpp" // no harm twice

frameseal::Encryptor seal_in_another_unit(frameseal::Encryptor encryptor);

frameseal::Encryptor seal_in_another_unit(frameseal::Encryptor encryptor) {
    encryptor.add_key(1, "0123456789abcdef").value();
    encryptor.use_key(1).value();
    encryptor.encrypt("metadata", "frame").value();
    return encryptor;
}
