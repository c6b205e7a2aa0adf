// SPDX-License-Identifier: Apache-2.0
#include "tests/support/save_campaign.hpp"

#include <signal.h>

#include <exception>
#include <stdexcept>

#include "host/model/error.hpp"
#include "tests/support/scratch_directory.hpp"

namespace squat::test {
namespace {

namespace fs = std::filesystem;

constexpr Fault kFaults[] = {Fault::kKill,    Fault::kTornWrite,  Fault::kShortWrite, Fault::kNoSpace,
                             Fault::kIoError, Fault::kNoExchange, Fault::kFullDisk};

/// The campaign's directory before the save.
class Before {
 public:
  explicit Before(const SaveCampaign& campaign) { campaign.prepare(directory_.path()); }
  /// A copy of it, at the same path every time.
  fs::path copy() const {
    fs::remove_all(trial());
    fs::copy(directory_.path(), trial(), fs::copy_options::recursive);
    return trial();
  }

 private:
  fs::path trial() const { return trials_.path() / "trial"; }
  ScratchDirectory directory_, trials_;
};

std::string observed(const SaveCampaign& campaign, const fs::path& directory) {
  try {
    return campaign.observe(directory);
  } catch (const std::exception& error) {
    return std::string("unreadable: ") + error.what();
  }
}

}  // namespace

CampaignResult run_campaign(const SaveCampaign& campaign, std::size_t step) {
  const Before before(campaign);
  const std::string old_state = campaign.observe(before.copy());
  const auto save = [&](Fault fault, std::size_t at, const fs::path& where) {
    return run_with_fault([&] { campaign.save(where); }, fault, at);
  };
  const fs::path whole = before.copy();
  const FaultyRun undisturbed = save(Fault::kNone, 0, whole);
  if (undisturbed.code != 0) throw std::runtime_error(campaign.name + ": fails undisturbed: " + undisturbed.said);
  const std::string new_state = campaign.observe(whole);

  CampaignResult result;
  result.calls = undisturbed.calls.size();
  for (const Fault fault : kFaults) {
    FaultTally tally(campaign.name + ", " + name_of(fault));
    std::size_t candidate = 0;
    for (std::size_t at = 0; at < undisturbed.calls.size(); ++at) {
      // Every step-th call that the fault applies to; a step beyond their number still leaves the first.
      if (!applies(fault, undisturbed.calls[at]) || candidate++ % step != 0) continue;
      const fs::path where = before.copy();
      const FaultyRun run = save(fault, at, where);
      const std::string found = observed(campaign, where);
      const bool is_new = found == new_state, whole_state = is_new || found == old_state;
      const bool reported = run.code == -SIGKILL || (run.code == static_cast<int>(ExitCode::kBadInput) && !run.said.empty());
      if (reported && whole_state) {
        ++tally.detected;
      } else if (run.code == 0 && is_new) {
        ++tally.masked;
      } else {
        ++tally.silent;
        result.silent.push_back("call " + std::to_string(at) + " (" + undisturbed.calls[at].name + "), " + name_of(fault) +
                                ": ended with " + std::to_string(run.code) + " '" + run.said + "', then " +
                                (is_new        ? "the new state"
                                 : whole_state ? "the old state"
                                               : found.substr(0, 200)));
      }
    }
    if (tally.tried() == 0) continue;
    tally.print();
    result.tallies.push_back(tally);
  }
  return result;
}

}  // namespace squat::test
