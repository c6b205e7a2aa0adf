// SPDX-License-Identifier: Apache-2.0
#include "host/task/task_file.hpp"

#include <nlohmann/json.hpp>

#include "host/task/known_tasks.hpp"
#include "tests/host/support.hpp"

namespace squat::task {
namespace {

Task with_tokens(const std::string& name) {
  Task task = known_task(name);
  int token = 7;
  for (TaskClass& c : task.classes) c.token = token++;
  task.longest = 96;
  return task;
}

}  // namespace

TEST_CASE("a task is read as it was written") {
  const test::TemporaryDirectory directory;
  for (const std::string& name : known_task_names()) {
    const Task task = with_tokens(name);
    test::write_bytes(directory.path() / kTaskFile, task_text(task));
    const Task read = read_task(directory.path(), 16);
    CHECK(read.name == name);
    CHECK(read.metric == task.metric);
    CHECK(read.longest == 96);
    REQUIRE(read.forms.size() == task.forms.size());
    for (std::size_t i = 0; i < read.forms.size(); ++i) {
      CHECK(read.forms[i].layout == task.forms[i].layout);
      CHECK(read.forms[i].label == task.forms[i].label);
    }
    REQUIRE(read.classes.size() == task.classes.size());
    for (std::size_t i = 0; i < read.classes.size(); ++i) {
      CHECK(read.classes[i].name == task.classes[i].name);
      CHECK(read.classes[i].word == task.classes[i].word);
      CHECK(read.classes[i].token == task.classes[i].token);
    }
  }
}

TEST_CASE("a task file that is damaged or of another vocabulary is refused by field") {
  const test::TemporaryDirectory directory;
  const auto refusal = [&](const std::function<void(nlohmann::json&)>& change) {
    nlohmann::json object = nlohmann::json::parse(task_text(with_tokens("mnli")));
    change(object);
    test::write_bytes(directory.path() / kTaskFile, object.dump());
    return test::input_error_of([&] { read_task(directory.path(), 16); });
  };
  using J = nlohmann::json;
  CHECK_THAT(refusal([](J& o) { o["format"] = "squat.task/9"; }), Catch::Contains("task.json: field 'format'"));
  CHECK_THAT(refusal([](J& o) { o["metric"] = "bleu"; }), Catch::Contains("accuracy, f1 or matthews"));
  CHECK_THAT(refusal([](J& o) { o["metric"] = "f1"; }), Catch::Contains("f1 is of two classes"));
  CHECK_THAT(refusal([](J& o) { o["longest"] = 1; }), Catch::Contains("field 'longest'"));
  CHECK_THAT(refusal([](J& o) { o["forms"] = J::array(); }), Catch::Contains("field 'forms'"));
  CHECK_THAT(refusal([](J& o) { o["forms"][0] = 3; }), Catch::Contains("list of objects"));
  CHECK_THAT(refusal([](J& o) { o["forms"][0]["layout"] = "no field"; }), Catch::Contains("field 'forms[0].layout'"));
  CHECK_THAT(refusal([](J& o) { o["forms"][1]["layout"] = "{one}"; }), Catch::Contains("as many fields"));
  CHECK_THAT(refusal([](J& o) { o["classes"].erase(0), o["classes"].erase(0); }), Catch::Contains("field 'classes'"));
  CHECK_THAT(refusal([](J& o) { o["classes"][1]["token"] = 16; }), Catch::Contains("field 'classes[1].token'"));
  CHECK_THAT(refusal([](J& o) { o["classes"][1]["token"] = 7; }), Catch::Contains("another token"));
  CHECK_THAT(refusal([](J& o) { o["classes"][1]["name"] = "entailment"; }), Catch::Contains("another name"));
  CHECK_THAT(refusal([](J& o) { o.erase("name"); }), Catch::Contains("'name' is missing"));
  std::filesystem::remove(directory.path() / kTaskFile);
  CHECK_THAT(test::input_error_of([&] { read_task(directory.path(), 16); }), Catch::Contains("squat finetune"));
}

}  // namespace squat::task
