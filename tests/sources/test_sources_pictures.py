from sketch2color.sources.pictures import Found, domains_of, drop_duplicates, groups_by_name, pairs_by_name


def found(path, content):
    domain = "sketch" if path.startswith("sketch") else "color"
    return Found(path=path, domain=domain, sha256=content * 64, suffix=".png", width=1, height=1)


def test_of_equal_files_the_first_by_path_stays_whatever_its_domain():
    pictures = [found("sketch/a.png", "1"), found("color/z.png", "1"), found("color/b.png", "2")]
    for order in (pictures, pictures[::-1]):
        kept, dropped = drop_duplicates(order)
        assert sorted(picture.path for picture in kept) == ["color/b.png", "color/z.png"]
        ((source, domain, reason),) = [(row.source, row.domain, row.reason) for row in dropped]
        assert (source, domain, reason) == (
            "sketch/a.png",
            "sketch",
            "duplicate of 1111111111111111 (color/z.png)",
        )


def test_equal_stems_are_a_pair_and_a_group():
    pictures = [found("sketch/a.png", "1"), found("color/a.jpg", "2"), found("color/b.png", "3")]
    assert pairs_by_name(pictures) == {"1" * 16: "a", "2" * 16: "a"}
    groups = groups_by_name(pictures, pictures)
    assert groups == {"1" * 16: "a", "2" * 16: "a", "3" * 16: "3" * 16}
    assert domains_of(groups, pictures) == {"a": {"sketch", "color"}, "3" * 16: {"color"}}


def test_a_stem_with_two_pictures_in_a_domain_is_a_group_and_no_pair():
    pictures = [found("sketch/a.png", "1"), found("color/a.jpg", "2"), found("color/a.png", "3")]
    assert pairs_by_name(pictures) == {}
    assert set(groups_by_name(pictures, pictures).values()) == {"a"}


def test_a_dropped_duplicate_ties_the_groups_of_its_twins_together():
    pictures = [
        found("sketch/b.png", "1"),
        found("sketch/c.png", "1"),
        found("color/b.png", "2"),
        found("color/c.png", "3"),
    ]
    kept, _ = drop_duplicates(pictures)
    assert set(groups_by_name(pictures, kept).values()) == {"b"}
    assert pairs_by_name(kept) == {"1" * 16: "b", "2" * 16: "b"}
