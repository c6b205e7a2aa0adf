// SPDX-License-Identifier: Apache-2.0
// Every loss and its gradient against PyTorch (double precision there).
#include "qat/loss/distribution.hpp"
#include "qat/loss/entropy.hpp"
#include "qat/loss/loss_presets.hpp"
#include "qat/loss/teacher_target.hpp"
#include "tests/qat/model/golden.hpp"

namespace squat {
namespace {

using test::Golden;
constexpr double kTolerance = 2e-6;

struct Shapes {
  int layers, batch, heads, length, dim, vocab;
};

Shapes shapes_of(const Golden& g) {
  const auto j = nlohmann::json::parse(g.metadata().at("shapes"));
  return {j.at("L"), j.at("B"), j.at("H"), j.at("T"), j.at("D"), j.at("V")};
}

std::string layer_name(const std::string& start, int l) { return start + "." + std::to_string(l); }

void check_value(double found, const Golden& g, const std::string& name) {
  const double expected = g.values(name)[0];
  CHECK(std::fabs(found - expected) <= kTolerance * std::max(1.0, std::fabs(expected)));
}

template <typename V>
void check_gradient(const V& found, const Golden& g, const std::string& name) {
  INFO(name);
  const auto expected = g.values(name);
  CHECK(test::relative_difference(found.data(), expected.data(), expected.size()) < kTolerance);
}

void entropy_case(const Golden& g, const std::string& name, qat::EntropyForm form, bool unbiased) {
  INFO(name);
  const Shapes s = shapes_of(g);
  std::vector<std::vector<double>> q, k;
  std::vector<qat::HeadMoments> mq, mk;
  for (int l = 0; l < s.layers; ++l) {
    q.push_back(g.values(layer_name("in.q", l)));
    k.push_back(g.values(layer_name("in.k", l)));
    for (int h = 0; h < s.heads; ++h) {
      mq.emplace_back();
      mk.emplace_back();
      for (int b = 0; b < s.batch; ++b) {
        const std::ptrdiff_t at = (b * s.heads + h) * s.length * s.dim;
        qat::add_moments(q.back().data() + at, s.dim, s.length, s.dim, form, mq.back());
        qat::add_moments(k.back().data() + at, s.dim, s.length, s.dim, form, mk.back());
      }
    }
  }
  const qat::EntropyLoss loss = qat::entropy_loss(mq, mk, form, unbiased);
  check_value(loss.value, g, name + ".loss");
  for (int l = 0; l < s.layers; ++l) {
    std::vector<double> dq(q[0].size()), dk(k[0].size());
    for (int h = 0; h < s.heads; ++h) {
      for (int b = 0; b < s.batch; ++b) {
        const std::ptrdiff_t at = (b * s.heads + h) * s.length * s.dim;
        const auto i = static_cast<std::size_t>(l * s.heads + h), layer = static_cast<std::size_t>(l);
        qat::add_entropy_gradient(q[layer].data() + at, s.dim, s.length, s.dim, form, loss.q[i], 1.0, dq.data() + at, s.dim);
        qat::add_entropy_gradient(k[layer].data() + at, s.dim, s.length, s.dim, form, loss.k[i], 1.0, dk.data() + at, s.dim);
      }
    }
    check_gradient(dq, g, layer_name(name + ".q", l));
    check_gradient(dk, g, layer_name(name + ".k", l));
  }
}

/// raw: compares the products themselves; else their causal softmax.
void distribution_case(const Golden& g, const std::string& name, qat::DistributionForm form, bool cosine_sum_only) {
  INFO(name);
  const Shapes s = shapes_of(g);
  const auto& kernels = qat::kernels<double>();
  const bool raw = form == qat::DistributionForm::kPublishedRaw;
  const auto size = static_cast<std::size_t>(s.length * s.length);
  std::vector<std::vector<double>> student, teacher;
  std::vector<qat::MapProducts> maps;
  for (int l = 0; l < s.layers; ++l) {
    student.push_back(g.values(layer_name("in.student_logits_attn", l)));
    teacher.push_back(g.values(layer_name("in.teacher_logits_attn", l)));
    for (std::size_t m = 0; m < student.back().size(); m += size) {
      if (!raw) kernels.softmax_causal(student.back().data() + m, s.length, 0, s.length, 1.0);
      if (!raw) kernels.softmax_causal(teacher.back().data() + m, s.length, 0, s.length, 1.0);
      maps.push_back(qat::map_products(student.back().data() + m, teacher.back().data() + m, size));
    }
  }
  const qat::DistributionLoss loss = qat::distribution_loss(maps, s.batch, form);
  check_value(cosine_sum_only ? loss.cosine_sum : loss.value, g, name + ".loss");
  std::size_t which = 0;
  for (int l = 0; l < s.layers; ++l) {
    auto& p = student[static_cast<std::size_t>(l)];
    std::vector<double> grad(p.size());
    for (std::size_t m = 0; m < p.size(); m += size, ++which) {
      qat::add_map_gradient(p.data() + m, teacher[static_cast<std::size_t>(l)].data() + m, size, maps[which],
                            cosine_sum_only ? 1.0 : loss.slope, grad.data() + m);
      if (!raw) kernels.softmax_causal_back(p.data() + m, grad.data() + m, s.length, 0, s.length, 1.0);
    }
    check_gradient(grad, g, layer_name(name + ".student_logits_attn", l));
  }
}

struct RowLosses {
  double ce = 0, kl = 0;
  std::vector<double> gradient;
};

/// Weights as in a training step: ce_weight on the mean over targets, kl_weight on tau^2 KL with the given reduction.
RowLosses row_losses(const Golden& g, int teachers, qat::KlReduction reduction, double ce_weight, double kl_weight) {
  const Shapes s = shapes_of(g);
  const double tau = std::stod(g.metadata().at("tau"));
  const auto labels = g.values("in.labels");
  std::vector<std::vector<double>> t;
  for (int i = 0; i < teachers; ++i) t.push_back(g.values("in.teacher" + std::to_string(i) + "_logits"));
  const double targets = s.batch * (s.length - 1);
  const double divisor = reduction == qat::KlReduction::kTokenMean ? s.batch * s.length : s.batch;
  RowLosses out;
  out.gradient = g.values("in.student_logits");
  const auto vocab = static_cast<std::size_t>(s.vocab);
  std::vector<double> target(vocab), scratch(vocab);
  for (std::size_t row = 0; row < labels.size(); ++row) {
    qat::LossRow<double> loss;
    if ((row + 1) % static_cast<std::size_t>(s.length) != 0) loss.target = static_cast<int>(labels[row + 1]);
    loss.ce_weight = ce_weight / targets;
    loss.tau = tau;
    if (teachers > 0) {
      std::vector<const double*> rows;
      for (const auto& logits : t) rows.push_back(logits.data() + row * vocab);
      loss.teacher_entropy = qat::teacher_target(rows, std::vector<double>(t.size(), 1.0 / teachers), s.vocab, tau,
                                                 qat::TeacherMix::kMeanLogits, scratch.data(), target.data());
      loss.teacher = target.data();
      loss.kl_weight = kl_weight * tau * tau / divisor;
    }
    qat::kernels<double>().loss_row(out.gradient.data() + row * vocab, s.vocab, true, &loss);
    out.ce += loss.ce / targets;
    out.kl += loss.kl * tau * tau / divisor;
  }
  return out;
}

}  // namespace

TEST_CASE("the entropy loss equals PyTorch", "[golden]") {
  for (const auto& path : test::golden_files("losses", ".safetensors")) {
    const Golden g(path);
    entropy_case(g, "LE_paper_head_popvar", qat::EntropyForm::kPaper, false);
    entropy_case(g, "LE_paper_head_unbiasedvar", qat::EntropyForm::kPaper, true);
    entropy_case(g, "LE_official", qat::EntropyForm::kPublished, false);
  }
}

TEST_CASE("the distribution loss equals PyTorch", "[golden]") {
  for (const auto& path : test::golden_files("losses", ".safetensors")) {
    const Golden g(path);
    distribution_case(g, "LD_paper_literal_pluslog", qat::DistributionForm::kPaperPlusLog, false);
    distribution_case(g, "LD_minuslog_probs", qat::DistributionForm::kMinusLogSum, false);
    distribution_case(g, "LD_one_minus_cos_probs", qat::DistributionForm::kOneMinusCos, false);
    distribution_case(g, "LD_official_cos_sum_grad", qat::DistributionForm::kPublishedRaw, true);
  }
}

TEST_CASE("cross entropy and distillation equal PyTorch", "[golden]") {
  for (const auto& path : test::golden_files("losses", ".safetensors")) {
    const Golden g(path);
    const double gamma = std::stod(g.metadata().at("gamma"));
    const RowLosses ce = row_losses(g, 0, qat::KlReduction::kTokenMean, 1, 0);
    check_value(ce.ce, g, "CE_shifted_mean.loss");
    check_gradient(ce.gradient, g, "CE_shifted_mean.logits");
    for (const bool published : {false, true}) {
      for (const int teachers : {1, 2}) {
        const auto reduction = published ? qat::KlReduction::kBatchMean : qat::KlReduction::kTokenMean;
        const std::string end = teachers == 1 ? "one_teacher" : "mean_logits_two_teachers";
        const std::string kl_name = (published ? "KL_tau2_official_batchmean." : "KL_tau2_tokenmean.") + end;
        const RowLosses kl = row_losses(g, teachers, reduction, 0, 1);
        check_value(kl.kl, g, kl_name + ".loss");
        check_gradient(kl.gradient, g, kl_name + ".logits");
        const std::string both_name = (published ? "Ldistill_official." : "Ldistill_tokenmean.") + end;
        const RowLosses both = row_losses(g, teachers, reduction, 1 - gamma, gamma);
        check_value((1 - gamma) * both.ce + gamma * both.kl, g, both_name + ".loss");
        check_gradient(both.gradient, g, both_name + ".logits");
      }
    }
  }
}

TEST_CASE("teachers mix by logits or by probabilities") {
  const std::vector<double> a = {1.0, 0.0, -1.0}, b = {-2.0, 0.5, 3.0}, weights = {0.25, 0.75};
  std::vector<double> p(3), scratch(3);
  const double entropy = qat::teacher_target<double>({a.data(), b.data()}, weights, 3, 2.0, qat::TeacherMix::kMeanProbabilities,
                                                     scratch.data(), p.data());
  const auto softmax = [](const std::vector<double>& z, std::size_t i) {
    double sum = 0;
    for (const double v : z) sum += std::exp(v / 2);
    return std::exp(z[i] / 2) / sum;
  };
  double expected_entropy = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    const double expected = 0.25 * softmax(a, i) + 0.75 * softmax(b, i);
    CHECK(p[i] == Approx(expected));
    expected_entropy += expected * std::log(expected);
  }
  CHECK(entropy == Approx(expected_entropy));
}

TEST_CASE("loss presets are what they say") {
  CHECK(qat::loss_preset("corrected").distribution_form == qat::DistributionForm::kMinusLogMean);
  CHECK(qat::loss_preset("paper").distribution_form == qat::DistributionForm::kPaperPlusLog);
  CHECK(qat::loss_preset("published").kl_reduction == qat::KlReduction::kBatchMean);
  CHECK(qat::loss_preset("published").entropy_form == qat::EntropyForm::kPublished);
  CHECK_THROWS(qat::loss_preset("other"));
}

}  // namespace squat
