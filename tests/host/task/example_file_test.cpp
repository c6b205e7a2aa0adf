// SPDX-License-Identifier: Apache-2.0
// GLUE's and SuperGLUE's forms in small, and every way in which a file can be wrong.
#include "host/task/example_file.hpp"

#include "host/task/known_tasks.hpp"
#include "host/task/labels.hpp"
#include "tests/host/support.hpp"

namespace squat::task {
namespace {

using Strings = std::vector<std::string>;

/// Texts and target of every example of a known task's file.
std::vector<std::pair<Strings, int>> read(const std::string& name, const std::string& text) {
  const Task& task = known_task(name);
  ExampleFile file = parse_examples(text, "F", task.forms);
  assign_classes(file, task.forms[file.form].label, task.classes);
  std::vector<std::pair<Strings, int>> found;
  for (const Example& e : file.examples) found.emplace_back(e.texts, e.target);
  return found;
}

std::string refusal(const std::string& name, const std::string& text) {
  return test::input_error_of([&] { read(name, text); });
}

}  // namespace

TEST_CASE("the published forms of GLUE and SuperGLUE are read") {
  using Found = std::vector<std::pair<Strings, int>>;
  CHECK(read("cola", "gj04\t1\t\tThey drank the pub dry.\ngj04\t0\t*\tThey drank the pub.\n") ==
        Found{{{"They drank the pub dry."}, 1}, {{"They drank the pub."}, 0}});
  CHECK(read("cola", "{\"sentence\": \"A b.\", \"label\": 0, \"idx\": 3}\n") == Found{{{"A b."}, 0}});
  CHECK(read("cola", "{\"sentence\": \"A b.\", \"label\": \"acceptable\"}\n") == Found{{{"A b."}, 1}});
  CHECK(read("sst2", "sentence\tlabel\r\nhide \"new\r\t0\r\n\r\nfine\t1") == Found{{{"hide \"new"}, 0}, {{"fine"}, 1}});
  CHECK(read("mrpc", "\xef\xbb\xbfQuality\t#1 ID\t#2 ID\t#1 String\t#2 String\n1\t7\t8\tA \" quote\tB\n") ==
        Found{{{"A \" quote", "B"}, 1}});
  CHECK(read("qqp", "id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate\n1\t2\t3\tWhy?\tHow?\t0\n") ==
        Found{{{"Why?", "How?"}, 0}});
  CHECK(read("mnli", "index\tsentence1\tsentence2\tlabel1\tgold_label\n0\tA\tB\tneutral\tcontradiction\n") ==
        Found{{{"A", "B"}, 2}});
  CHECK(read("mnli", "{\"premise\": \"A\", \"hypothesis\": \"B\", \"label\": 1}") == Found{{{"A", "B"}, 1}});
  CHECK(read("qnli", "index\tquestion\tsentence\tlabel\n0\tQ\tS\tnot_entailment\n") == Found{{{"Q", "S"}, 1}});
  CHECK(read("rte", "index\tsentence1\tsentence2\tlabel\n0\tA\tB\tentailment\n") == Found{{{"A", "B"}, 0}});
  CHECK(read("rte", "{\"premise\": \"A\", \"hypothesis\": \"B\", \"label\": \"not_entailment\"}") == Found{{{"A", "B"}, 1}});
  CHECK(read("boolq",
             "{\"question\": \"q\", \"passage\": \"p\", \"label\": true}\n{\"question\": \"q\", \"passage\": \"r\", "
             "\"label\": false}\n") == Found{{{"p", "q"}, 1}, {{"r", "q"}, 0}});
  CHECK(read("wsc", "{\"text\": \"t\", \"target\": {\"span1_text\": \"a\", \"span2_text\": \"b\"}, \"label\": true}") ==
        Found{{{"t", "b", "a"}, 1}});
  CHECK(read("multirc", "{\"paragraph\": \"p\", \"question\": \"q\", \"answer\": \"a\", \"label\": 1}") ==
        Found{{{"p", "q", "a"}, 1}});
}

TEST_CASE("a line with lists gives an example for each element") {
  const auto found =
      read("multirc",
           "{\"idx\": 0, \"passage\": {\"text\": \"P\", \"questions\": ["
           "{\"question\": \"Q1\", \"answers\": [{\"text\": \"A\", \"label\": 0}, {\"text\": \"B\", \"label\": 1}]},"
           "{\"question\": \"Q2\", \"answers\": [{\"text\": \"C\", \"label\": 1}]}]}}\n");
  REQUIRE(found.size() == 3);
  CHECK(found[0] == std::pair<Strings, int>{{"P", "Q1", "A"}, 0});
  CHECK(found[1] == std::pair<Strings, int>{{"P", "Q1", "B"}, 1});
  CHECK(found[2] == std::pair<Strings, int>{{"P", "Q2", "C"}, 1});
}

TEST_CASE("a bad line is named with its field, what was expected and what was found") {
  const std::string header = "sentence\tlabel\n";
  CHECK_THAT(refusal("sst2", ""), Catch::Contains("F: expected examples, found an empty file"));
  CHECK_THAT(refusal("sst2", " \n\n"), Catch::Contains("empty file"));
  CHECK_THAT(refusal("sst2", header), Catch::Contains("found none"));
  CHECK_THAT(refusal("sst2", "index\tsentence\n0\ta\n"),
             Catch::Contains("expected the fields 'sentence', 'label'; found 2 columns: 'index', 'sentence'"));
  CHECK_THAT(refusal("sst2", "sentence\tlabel\tlabel\na\t1\t1\n"), Catch::Contains("column 'label' stands there twice"));
  CHECK_THAT(refusal("sst2", header + "a\t1\nb\n"),
             Catch::Contains("F: line 3: expected 2 columns as in the first line, found 1"));
  CHECK_THAT(refusal("sst2", header + "a\t1\tx\n"),
             Catch::Contains("line 2: expected 2 columns as in the first line, found 3"));
  CHECK_THAT(refusal("sst2", header + "\t1\n"), Catch::Contains("line 2: field 'sentence': expected a text, found nothing"));
  CHECK_THAT(refusal("sst2", header + "a\t\n"), Catch::Contains("line 2: field 'label'"));
  CHECK_THAT(refusal("sst2", header + "a\t1\nb\t2\n"),
             Catch::Contains("line 3: field 'label': expected one of 'negative', 'positive'"));
  CHECK_THAT(refusal("sst2", header + "a\t-1\n"), Catch::Contains("found '-1'"));
  CHECK_THAT(refusal("sst2", header + "a\t1.0\n"), Catch::Contains("found '1.0'"));
  CHECK_THAT(refusal("sst2", header + "a \xff b\t1\n"), Catch::Contains("line 2, byte 2: expected UTF-8"));
  CHECK_THAT(refusal("sst2", header + std::string(1 << 20, 'x') + "\t1\n"),
             Catch::Contains("line 2: expected at most 1048576 bytes"));
  CHECK_THAT(refusal("cola", "gj04\t1\tonly three\n"), Catch::Contains("expected the fields 'sentence', 'label', or '4', '2'"));
  const std::string good = "{\"question\": \"q\", \"passage\": \"p\", \"label\": true}\n";
  CHECK_THAT(refusal("boolq", "{\"question\": \"q\"}\n"),
             Catch::Contains("F: line 1: expected the fields 'passage', 'question', 'label'; found 'question'"));
  CHECK_THAT(refusal("boolq", good + "{\"question\": \"q\", \n"), Catch::Contains("F: line 2: malformed JSON"));
  CHECK_THAT(refusal("boolq", good + "[1]\n"), Catch::Contains("line 2: expected a JSON object"));
  CHECK_THAT(refusal("boolq", good + "{\"question\": \"q\", \"question\": \"r\"}\n"), Catch::Contains("appears twice"));
  CHECK_THAT(refusal("boolq", good + "{\"question\": 7, \"passage\": \"p\", \"label\": true}\n"),
             Catch::Contains("line 2: field 'question': expected a string, found 7"));
  CHECK_THAT(refusal("boolq", good + "{\"question\": \"q\", \"passage\": \"p\"}\n"),
             Catch::Contains("line 2: field 'label': expected a string, an integer, true or false, found nothing"));
  CHECK_THAT(refusal("boolq", good + "{\"question\": \"q\", \"passage\": \"p\", \"label\": 0.5}\n"),
             Catch::Contains("found 0.5"));
  std::string many = "{\"passage\": {\"text\": \"P\", \"questions\": [{\"question\": \"Q\", \"answers\": [";
  for (int i = 0; i < 5000; ++i) many += std::string(i == 0 ? "" : ",") + "{\"text\": \"A\", \"label\": 0}";
  CHECK_THAT(refusal("multirc", many + "]}]}}\n"), Catch::Contains("line 1: expected lists of at most 4096 elements"));
}

TEST_CASE("bad lines are left out and counted where that is asked for, whole or not at all") {
  const Task& task = known_task("multirc");
  const std::string good =
      "{\"passage\": {\"text\": \"P\", \"questions\": [{\"question\": \"Q\", \"answers\": [{\"text\": \"A\", \"label\": "
      "1}]}]}}\n";
  const std::string half =
      "{\"passage\": {\"text\": \"P\", \"questions\": [{\"question\": \"Q\", \"answers\": [{\"text\": \"A\", \"label\": 1}, "
      "{}]}]}}\n";
  ExampleFile file = parse_examples(good + half + "nonsense\n" + good, "F", task.forms, true);
  CHECK(file.examples.size() == 2);
  CHECK(file.skipped == 2);
  CHECK_THAT(file.first_skipped, Catch::Contains("F: line 2: field 'passage.questions.answers.text'"));
  CHECK(file.examples[1].line == 4);

  const Task& qqp = known_task("qqp");
  file = parse_examples("question1\tquestion2\tis_duplicate\na\tb\t1\na\tb\nc\td\t7\ne\tf\t0\n", "F", qqp.forms, true);
  assign_classes(file, "is_duplicate", qqp.classes);
  CHECK(file.examples.size() == 2);
  CHECK(file.skipped == 2);
  CHECK(file.examples[1].target == 0);
  const auto only_bad = [&] {
    ExampleFile bad = parse_examples("question1\tquestion2\tis_duplicate\nc\td\t7\n", "F", qqp.forms, true);
    assign_classes(bad, "is_duplicate", qqp.classes);
  };
  CHECK_THAT(test::input_error_of(only_bad), Catch::Contains("found none; the first one left out: F: line 2"));
}

TEST_CASE("labels name classes by name, by truth or by place") {
  const std::vector<TaskClass> two = {{"no", ""}, {"yes", ""}}, numbers = {{"1", ""}, {"0", ""}},
                               three = {{"a", ""}, {"b", ""}, {"c", ""}};
  CHECK(class_of(two, "yes") == 1);
  CHECK(class_of(two, "0") == 0);
  CHECK(class_of(two, "true") == 1);
  CHECK(class_of(two, "false") == 0);
  CHECK(class_of(two, "2") == -1);
  CHECK(class_of(two, "Yes") == -1);
  CHECK(class_of(numbers, "1") == 0);  // the name, not the place
  CHECK(class_of(numbers, "true") == -1);
  CHECK(class_of(three, "2") == 2);
  CHECK(class_of(three, "true") == -1);
  CHECK(class_of(three, "") == -1);
  CHECK(class_of(three, "99999999999999999999") == -1);
}

TEST_CASE("classes that nobody named are the labels that occur") {
  const std::vector<TaskForm> forms = {{"{t}", "l"}};
  CHECK(labels_of(parse_examples("t\tl\na\t10\nb\t9\nc\t10\n", "F", forms), "l") == Strings{"9", "10"});
  CHECK(labels_of(parse_examples("t\tl\na\tx\nb\tno\n", "F", forms), "l") == Strings{"no", "x"});
  CHECK_THAT(test::input_error_of([&] { labels_of(parse_examples("t\tl\na\tx\nb\tx\n", "F", forms), "l"); }),
             Catch::Contains("expected 2 to 64 different labels, found 'x' only"));
  std::string many = "t\tl\n";
  for (int i = 0; i < 65; ++i) many += "a\t" + std::to_string(i) + "\n";
  CHECK_THAT(test::input_error_of([&] { labels_of(parse_examples(many, "F", forms), "l"); }), Catch::Contains("found more"));
}

}  // namespace squat::task
