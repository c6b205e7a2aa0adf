// SPDX-License-Identifier: Apache-2.0
// The campaign finds savers that are wrong, and only those.
#include "tests/support/save_campaign.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "host/model/output_file.hpp"
#include "tests/host/support.hpp"

namespace squat::test {
namespace {

namespace fs = std::filesystem;

const std::string kOld(3000, 'o'), kNew(3000, 'n');

void written(bool done) {
  if (!done) throw input_error("state: cannot write");
}

void write_whole(const fs::path& path, const std::string& text, bool checked = true) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (checked) written(file >= 0);
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t bytes = ::write(file, text.data() + at, text.size() - at);
    if (checked) written(bytes > 0);
    if (bytes <= 0) break;
    at += static_cast<std::size_t>(bytes);
  }
  const bool closed = ::close(file) == 0;
  if (checked) written(closed);
}

SaveCampaign campaign_of(const std::string& name, const std::function<void(const fs::path&)>& save) {
  return {name, [](const fs::path& directory) { write_bytes(directory / "state", kOld); }, save,
          [](const fs::path& directory) { return read_bytes(directory / "state"); }};
}

bool found(const CampaignResult& result, const std::string& fault) {
  return std::any_of(result.silent.begin(), result.silent.end(),
                     [&](const std::string& text) { return text.find(fault) != std::string::npos; });
}

}  // namespace

TEST_CASE("a saver that is right has no silent fault") {
  if (!can_fault_system_calls()) return;
  const CampaignResult result =
      run_campaign(campaign_of("a right saver", [](const fs::path& d) { model::write_text_file(d / "state", kNew); }));
  CHECK(result.silent == std::vector<std::string>{});
  CHECK(result.calls >= 8);  // open, write, fchmod, fsync, close, rename, and the directory's open, fsync, close
  CHECK(result.tallies.size() == 6);
  CHECK(result.tallies.front().detected == result.calls);  // killed at every call
}

TEST_CASE("a saver that writes in place is found") {
  if (!can_fault_system_calls()) return;
  const CampaignResult result =
      run_campaign(campaign_of("a broken saver: in place", [](const fs::path& d) { write_whole(d / "state", kNew); }));
  CHECK(found(result, "kill -9"));
  CHECK(found(result, "torn write"));
  CHECK(found(result, "ENOSPC"));
}

TEST_CASE("a saver that does not ask whether its writes worked is found") {
  if (!can_fault_system_calls()) return;
  const CampaignResult result = run_campaign(campaign_of("a broken saver: unchecked", [](const fs::path& d) {
    write_whole(d / "state.tmp", kNew, false);
    fs::rename(d / "state.tmp", d / "state");
  }));
  CHECK(found(result, "ENOSPC"));
  CHECK(found(result, "EIO"));
  CHECK_FALSE(found(result, "kill -9"));
}

TEST_CASE("a saver that takes a short write for a whole one is found") {
  if (!can_fault_system_calls()) return;
  const CampaignResult result = run_campaign(campaign_of("a broken saver: short writes", [](const fs::path& d) {
    const int file = ::open((d / "state.tmp").c_str(), O_WRONLY | O_CREAT, 0644);
    written(file >= 0 && ::write(file, kNew.data(), kNew.size()) > 0 && ::close(file) == 0);
    written(::rename((d / "state.tmp").c_str(), (d / "state").c_str()) == 0);
  }));
  CHECK(result.silent.size() == 1);
  CHECK(found(result, "short write"));
}

TEST_CASE("a saver that removes the old state first is found") {
  if (!can_fault_system_calls()) return;
  const CampaignResult result = run_campaign(campaign_of("a broken saver: removes first", [](const fs::path& d) {
    written(::unlink((d / "state").c_str()) == 0);
    model::write_text_file(d / "state", kNew);
  }));
  CHECK(found(result, "kill -9"));
  CHECK(found(result, "ENOSPC"));
}

}  // namespace squat::test
