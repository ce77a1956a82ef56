// What becomes of errors: results, the mode in which value() throws, and programs of several
// translation units, of which one is compiled without exceptions and run-time types.
#define FRAMESEAL_EXCEPTIONS
#include "errors.hpp"
#include "frameseal.hpp"
#include "support.hpp"

Encryptor seal_in_another_unit(Encryptor encryptor); // errors.unit.cpp

namespace {

template <typename Call>
ErrorCode thrown_by(Call call) {
    try {
        call();
    } catch (const Exception &exception) {
        CHECK(std::string_view(exception.what()) == exception.error().message());
        return exception.error().code();
    }
    return ErrorCode::ok;
}

void values_throw() {
    Result<Vector> vector = ErrorCode::replay;
    const Result<int> number = Error::too_small(FRAMESEAL_ERROR_BUFFER_TOO_SMALL, 7);
    const Result<void> nothing = ErrorCode::policy;
    CHECK(thrown_by([&] { vector.value(); }) == ErrorCode::replay);
    CHECK(thrown_by([&] { vector->clear(); }) == ErrorCode::replay);
    CHECK(thrown_by([&] { std::move(vector).value(); }) == ErrorCode::replay);
    CHECK(thrown_by([&] { *std::move(vector); }) == ErrorCode::replay);
    CHECK(thrown_by([&] { static_cast<void>(*number); }) == ErrorCode::buffer_too_small);
    CHECK(thrown_by([&] { number.value(); }) == ErrorCode::buffer_too_small);
    CHECK(thrown_by([&] { nothing.value(); }) == ErrorCode::policy);
    CHECK(number.error().needed() == 7 && number.error().raw() == FRAMESEAL_ERROR_BUFFER_TOO_SMALL);
    CHECK(!vector && !number && !nothing && !number.has_value());
    try {
        Encryptor::create(static_cast<Suite>(99)).value();
        CHECK(false);
    } catch (const std::exception &exception) {
        CHECK(std::string_view(exception.what()).size() > 1);
    }
}

void values_are_there() {
    Result<Vector> vector = filled(3);
    const Result<Vector> constant = filled(4);
    CHECK(vector && vector.has_value() && vector.error() == ErrorCode::ok);
    CHECK(vector.error() != ErrorCode::replay && vector.error().needed() == 0);
    vector->push_back(1);
    CHECK((*vector).size() == 4 && vector.value().size() == 4 && constant->size() == 4);
    const Vector taken = std::move(vector).value();
    CHECK(taken.size() == 4 && (*Result<Vector>(filled(2))).size() == 2);
    CHECK((*constant)[0] == constant.value()[0]);
    const Result<void> nothing;
    nothing.value();
    CHECK(nothing);
    // There is a value, and it says that there is nothing.
    const Result<std::optional<int>> none = std::nullopt;
    CHECK(none && !none->has_value());
    Result<Vector> assigned = ErrorCode::replay;
    assigned = constant;
    CHECK(assigned && assigned->size() == 4);
    assigned = Result<Vector>(ErrorCode::syntax);
    FAILS(assigned, syntax);
}

void every_code_has_a_text() {
    const std::string_view none = text(static_cast<ErrorCode>(-1));
    for (int code = 0; code <= static_cast<int>(ErrorCode::nothing_to_wait_for); code++) {
        CHECK(text(static_cast<ErrorCode>(code)) != none);
    }
}

} // namespace

int main() {
    values_throw();
    values_are_there();
    every_code_has_a_text();
    Encryptor encryptor = Encryptor::create(gcm).value();
    encryptor = seal_in_another_unit(std::move(encryptor));
    CHECK(encryptor.key_status(1)->frames == 1);
    CHECK(works_without_exceptions() && aborts_without_exceptions());
    return summary();
}
