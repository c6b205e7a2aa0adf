// SPDX-License-Identifier: Apache-2.0
// What the readers of both architectures' config.json share.
#pragma once

#include <string>

#include "host/model/json_file.hpp"
#include "host/model/model_config.hpp"

namespace squat::model {

/// Throws the input_error of a feature that changes the result and cannot be run.
[[noreturn]] void refuse_feature(const JsonFields& fields, const std::string& field, const std::string& why);

/// As refuse_feature unless the boolean field is absent or has this value.
void require_feature(const JsonFields& fields, const char* field, bool value, const std::string& why);

/// Hugging Face allows one id or a list of them; the first one is used. `otherwise` when the field is missing, which must then
/// lie within the vocabulary.
int token_id(const JsonFields& fields, const char* field, int vocab, int otherwise);

/// An even number from 2 to 1024, else an input_error.
void check_head_size(const JsonFields& fields, int head_dim, const std::string& where);

/// The fields of each architecture. `fields` has its model_type.
ModelConfig llama_config(const JsonFields& fields);
ModelConfig gpt2_config(const JsonFields& fields);

}  // namespace squat::model
