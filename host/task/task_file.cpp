// SPDX-License-Identifier: Apache-2.0
#include "host/task/task_file.hpp"

#include <nlohmann/json.hpp>
#include <set>

#include "host/model/error.hpp"
#include "host/model/json_file.hpp"
#include "host/task/layout.hpp"

namespace squat::task {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kFormat = "squat.task/1";
constexpr int kMaxForms = 16, kMaxText = 1 << 20;

/// The objects of a list, each with its place for messages.
template <typename Take>
void each(const model::JsonFields& fields, const char* name, std::size_t least, std::size_t most, const Take& take) {
  const nlohmann::json& list = fields.at(name);
  if (!list.is_array() || list.size() < least || list.size() > most) {
    fields.fail(name, "a list of " + std::to_string(least) + " to " + std::to_string(most) + " objects");
  }
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (!list[i].is_object()) fields.fail(name, "a list of objects");
    take(model::JsonFields(list[i], fields.file(), name + ("[" + std::to_string(i) + "].")));
  }
}

TaskForm read_form(const model::JsonFields& fields, std::size_t& texts) {
  TaskForm form{fields.text("layout"), fields.text("label")};
  std::size_t found = 0;
  try {
    found = Layout(form.layout).fields().size();
  } catch (const Error&) {
    fields.fail("layout", "a text with fields in braces");
  }
  if (texts != 0 && found != texts) fields.fail("layout", "as many fields as in the first form");
  texts = found;
  return form;
}

}  // namespace

std::string task_text(const Task& task) {
  Json object = {{"format", kFormat},       {"name", task.name},      {"metric", evaluate::metric_name(task.metric)},
                 {"longest", task.longest}, {"forms", Json::array()}, {"classes", Json::array()}};
  for (const TaskForm& form : task.forms) object["forms"].push_back({{"layout", form.layout}, {"label", form.label}});
  for (const TaskClass& c : task.classes) {
    object["classes"].push_back({{"name", c.name}, {"word", c.word}, {"token", c.token}});
  }
  return object.dump(2) + "\n";
}

Task read_task(const std::filesystem::path& directory, int pieces) {
  const std::filesystem::path path = directory / kTaskFile;
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) {
    throw input_error(path.string() + ": expected the task of a fine-tuned model, found nothing; make the model with " +
                      "squat finetune, or copy task.json from the directory it came from");
  }
  const nlohmann::json object = model::read_json_object(path);
  const model::JsonFields fields(object, path.string());
  if (fields.text("format") != kFormat) fields.fail("format", std::string("'") + kFormat + "'");
  Task task;
  task.name = fields.text("name");
  const auto metric = evaluate::parse_metric(fields.text("metric"));
  if (!metric) fields.fail("metric", "accuracy, f1 or matthews");
  task.metric = *metric;
  task.longest = static_cast<int>(fields.integer("longest", 2, kMaxText));
  std::size_t texts = 0;
  each(fields, "forms", 1, kMaxForms, [&](const model::JsonFields& form) { task.forms.push_back(read_form(form, texts)); });
  std::set<std::string> names;
  std::set<int> tokens;
  each(fields, "classes", 2, kMaxClasses, [&](const model::JsonFields& one) {
    TaskClass c{one.text("name"), one.text("word"), static_cast<int>(one.integer("token", 0, pieces - 1))};
    if (!names.insert(c.name).second) one.fail("name", "another name for each class");
    if (!tokens.insert(c.token).second) one.fail("token", "another token for each class");
    task.classes.push_back(std::move(c));
  });
  if (task.metric == evaluate::Metric::kF1 && task.classes.size() != 2)
    fields.fail("metric", "accuracy or matthews: f1 is of two classes");
  return task;
}

}  // namespace squat::task
