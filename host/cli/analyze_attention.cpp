// SPDX-License-Identifier: Apache-2.0
// squat analyze distributions (Fig. 2 of the paper), attention (Fig. 3) and correlation: queries, keys and maps head by head.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "host/analyze/correlation.hpp"
#include "host/cli/study.hpp"

namespace squat::cli {
namespace {

using Json = nlohmann::ordered_json;

/// Normal values exceed this Anderson-Darling statistic in one sample of twenty.
constexpr double kRejects = 0.752;

struct AttentionFlags {
  StudyFlags study;
  int map_tokens = 0;
};

reference::FakeQuant uniform_rounding(const Study& study, const StudyFlags& flags) {
  analyze::RoundingOptions how;
  how.weight_bits = flags.weight_bits;
  how.activation_bits = flags.activation_bits;
  return study.rounding(how);
}

Json uniform_object(const char* analysis, const StudyFlags& flags, const Study& study) {
  Json object = study_object(analysis, flags, study);
  object["activations"] = std::to_string(flags.activation_bits);
  return object;
}

const char* tensor_name(bool key) { return key ? "key" : "query"; }

ExitCode distributions(const CommonOptions& common, const StudyFlags& flags) {
  const Study study = open_study(flags, common);
  const analyze::HeadStudy heads = analyze::study_heads(study.model, uniform_rounding(study, flags), study.text);
  Json object = uniform_object("distributions", flags, study);
  object["heads"] = heads.heads.size();
  object["heads_not_rejected_as_normal"] =
      std::count_if(heads.heads.begin(), heads.heads.end(),
                    [](const analyze::HeadStatistics& h) { return h.fit.anderson_darling <= kRejects; });
  object["rows"] = Json::array();
  for (const analyze::HeadStatistics& h : heads.heads) {
    const double statistic = analyze::jarque_bera(h.before);
    object["rows"].push_back({{"layer", h.layer},
                              {"tensor", tensor_name(h.key)},
                              {"head", h.head},
                              {"values", h.before.count},
                              {"mean", h.before.mean},
                              {"variance", h.before.variance},
                              {"skewness", h.before.skewness},
                              {"excess_kurtosis", h.before.excess_kurtosis},
                              {"jarque_bera", statistic},
                              {"jarque_bera_p", analyze::jarque_bera_p(statistic)},
                              {"anderson_darling", h.fit.anderson_darling},
                              {"largest_distance", h.fit.largest_distance},
                              {"entropy", h.entropy_before},
                              {"normal_entropy", h.entropy_normal},
                              {"rounded_entropy", h.entropy_after},
                              {"rounded_variance", h.after.variance},
                              {"squared_error", h.squared_error},
                              {"relative_error", h.relative_error()}});
  }
  if (common.format == Format::kJson) {
    object["bin_width"] = 2 * analyze::kHistogramReach / analyze::kHistogramBins;
    object["histograms"] = Json::array();
    for (const analyze::LayerHistogram& h : heads.histograms) {
      object["histograms"].push_back(
          {{"layer", h.layer}, {"tensor", tensor_name(h.key)}, {"before", h.before}, {"after", h.after}});
    }
  }
  print_result(object, common.format);
  return ExitCode::kOk;
}

/// (tokens, tokens) as an array of rows.
Json matrix(const std::vector<double>& values, int tokens) {
  Json rows = Json::array();
  for (auto at = values.begin(); at != values.end(); at += tokens) rows.push_back(std::vector<double>(at, at + tokens));
  return rows;
}

ExitCode attention(const CommonOptions& common, const AttentionFlags& flags) {
  if (flags.map_tokens > 0 && common.format != Format::kJson) {
    throw usage_error("--maps gives whole maps, which only --format json can hold; add it, or leave --maps out");
  }
  const Study study = open_study(flags.study, common);
  const analyze::MapStudy maps =
      analyze::study_maps(study.model, uniform_rounding(study, flags.study), study.text, flags.map_tokens);
  Json object = uniform_object("attention", flags.study, study);
  double real = 0, rounded = 0, cosine = 0;
  const auto count = static_cast<double>(maps.heads.size());
  object["first_column"] = nullptr;
  object["rows"] = Json::array();
  for (const analyze::MapComparison& m : maps.heads) {
    real += m.first_column / count;
    rounded += m.first_column_rounded / count;
    cosine += m.cosine / count;
    object["rows"].push_back({{"layer", m.layer},
                              {"head", m.head},
                              {"first_column", m.first_column},
                              {"first_column_rounded", m.first_column_rounded},
                              {"ratio", m.first_column_rounded / m.first_column},
                              {"cosine", m.cosine},
                              {"distance", m.distance}});
  }
  object["first_column"] = real;
  object["first_column_rounded"] = rounded;
  object["cosine"] = cosine;
  if (flags.map_tokens > 0) {
    object["maps"] = Json::array();
    for (const analyze::LayerMap& m : maps.maps) {
      object["maps"].push_back({{"layer", m.layer},
                                {"tokens", m.tokens},
                                {"float", matrix(m.real, m.tokens)},
                                {"rounded", matrix(m.rounded, m.tokens)}});
    }
  }
  print_result(object, common.format);
  return ExitCode::kOk;
}

ExitCode correlation(const CommonOptions& common, const StudyFlags& flags) {
  const Study study = open_study(flags, common);
  reference::FakeQuant fake = uniform_rounding(study, flags);
  const analyze::HeadStudy heads = analyze::study_heads(study.model, fake, study.text);
  const auto modules = analyze::modules();
  fake.parts = analyze::activations_only(
      std::find_if(modules.begin(), modules.end(), [](const analyze::Module& m) { return m.name == "query and key"; })->parts);
  const analyze::MapStudy maps = analyze::study_maps(study.model, fake, study.text, 0);
  Json object = uniform_object("correlation", flags, study);
  object["rows"] = Json::array();
  for (const analyze::Relation& r : analyze::entropy_relations(study.model.config, heads.heads, maps.heads)) {
    object["rows"].push_back({{"x", r.x},
                              {"y", r.y},
                              {"heads", r.correlation.count},
                              {"pearson", r.correlation.pearson},
                              {"low", r.correlation.low},
                              {"high", r.correlation.high},
                              {"spearman", r.correlation.spearman}});
  }
  print_result(object, common.format);
  return ExitCode::kOk;
}

}  // namespace

void add_attention_studies(CLI::App& analyze, Cli& cli) {
  auto flags = std::make_shared<StudyFlags>();
  CLI::App* command =
      add_study(analyze, cli, "distributions",
                "Queries and keys of every head: moments, tests of normality, entropy before and after (Fig. 2).\n"
                "Entropies in bits on the 8-bit grid; --format json adds histograms.",
                "", [&cli, flags] { return distributions(cli.common, *flags); });
  add_study_options(*command, *flags);
  add_uniform_option(*command, *flags);

  auto more = std::make_shared<AttentionFlags>();
  command = add_study(analyze, cli, "attention",
                      "Attention maps of every head, floating point against rounded: first column, cosine (Fig. 3).", "",
                      [&cli, more] { return attention(cli.common, *more); });
  add_study_options(*command, more->study);
  add_uniform_option(*command, more->study);
  command
      ->add_option("--maps", more->map_tokens,
                   "with --format json: whole maps of the first window's first N tokens, mean over heads (default 0)")
      ->type_name("N")
      ->check(CLI::Range(0, 512).description(""));

  flags = std::make_shared<StudyFlags>();
  command = add_study(analyze, cli, "correlation",
                      "Does entropy go with smaller errors? Queries, keys and maps over all heads.\n"
                      "Correlations with their 95 % intervals; maps of a model whose queries and keys alone are rounded.",
                      "", [&cli, flags] { return correlation(cli.common, *flags); });
  add_study_options(*command, *flags);
  add_uniform_option(*command, *flags);
}

}  // namespace squat::cli
