//! Columns of a CSV that are left out.

use crate::write::{csv, file, idx, npy};
use ddq_playground::data::Dataset;
use ddq_playground::io::dataset::{Column, Header, Imported, LabelColumn, Request, import, look};

const PEOPLE: &str = "id,name,age,height,kind\n7,Ann,31,1.7,cat\n8,Bob,,1.8,dog\n9,Cyd,55,1.6,cat\n10,Dan,21,1.9,dog\n";

fn at(index: usize) -> Column {
    Column::Index(index)
}

fn name(name: &str) -> Column {
    Column::Name(name.to_owned())
}

fn without(text: &str, exclude: &[Column]) -> Result<Imported, String> {
    let mut request = Request::new(file("t.csv", text.as_bytes()));
    request.exclude = exclude.to_vec();
    import(&request).map_err(|error| error.to_string())
}

#[test]
fn what_is_left_out_is_not_read_by_name_or_by_place() {
    let only_height = csv("height,kind\n1.7,cat\n1.8,dog\n1.6,cat\n1.9,dog\n").unwrap();
    let found = without(PEOPLE, &[name("age"), at(0), name("name"), at(2)]).unwrap();
    assert_eq!(found.data, only_height.data);
    assert_eq!(found.scaling, only_height.scaling);
    assert_eq!(found.look.excluded, [0, 1, 2]);
    assert_eq!(found.look.columns, ["id", "name", "age", "height", "kind"]);
    assert_eq!(found.look.rows[1], ["8", "Bob", "", "1.8", "dog"]);
    let by_place = without(PEOPLE, &[at(0), at(1), at(2)]).unwrap();
    assert_eq!(by_place, found);
}

#[test]
fn the_label_may_stand_anywhere_and_the_test_file_loses_the_same_columns() {
    let mut request = Request::new(file("t.csv", b"kind,id,x\ncat,a,1\ndog,b,3\ncat,c,5\n"));
    request.label = LabelColumn::Index(0);
    request.exclude = vec![name("id")];
    request.test = Some(file("test.csv", b"kind,id,x\ndog,z,2\n"));
    let Dataset { train, test, .. } = import(&request).unwrap().data;
    assert_eq!(
        (train.inputs, train.labels),
        (vec![-1.0, 0.0, 1.0], vec![0, 1, 0])
    );
    assert_eq!((test.inputs, test.labels), (vec![-0.5], vec![1]));
}

#[test]
fn columns_left_out_say_nothing_about_a_header() {
    // Half of the features are words, but those that are left are numbers.
    let found = without(
        "a,b,1,2,x\nc,d,3,4,y\ne,f,5,6,x\ng,h,7,8,y\n",
        &[at(0), at(1)],
    )
    .unwrap();
    assert!(!found.look.header);
    assert_eq!(found.data.train.len(), 4);
    // A name that stands in the first line does.
    let found = without("1,2,y\n3,4,p\n5,6,q\n7,8,p\n9,0,q\n", &[name("1")]).unwrap();
    assert!(found.look.header);
    assert_eq!(found.data.train.len(), 4);
}

#[test]
fn columns_that_cannot_be_left_out() {
    let all: Vec<Column> = (0..4).map(at).collect();
    for (exclude, words) in [
        (
            &[name("kind")][..],
            "option \"exclude of t.csv\": expected columns other than the label, got \"kind\", column 5",
        ),
        (
            &[at(4)],
            "expected columns other than the label, got \"kind\", column 5",
        ),
        (
            &[at(5)],
            "option \"exclude of t.csv\": expected a column from 0 to 4, got 5",
        ),
        (
            &[name("size")],
            "option \"exclude of t.csv\": expected one of \"id\", \"name\", \"age\", \"height\", \"kind\", got \"size\"",
        ),
        (
            &all,
            "option \"exclude of t.csv\": expected at least one column besides the label, got all 4 left out",
        ),
    ] {
        let error = without(PEOPLE, exclude).expect_err(words);
        assert!(error.contains(words), "{error}\nhas no\n{words}");
    }
    let mut request = Request::new(file("t.csv", b"1,2,p\n3,4,q\n"));
    request.header = Header::Absent;
    request.exclude = vec![name("a")];
    let error = import(&request).unwrap_err().to_string();
    let words = "expected the number of a column, since the first line has no names, got \"a\"";
    assert!(error.contains(words), "{error}");
    for array in [
        idx(8, &[4, 3], &[1; 12]),
        npy("|u1", false, &[4, 3], &[1; 12]),
    ] {
        let mut request = Request::new(file("t.bin", &array));
        request.exclude = vec![at(0)];
        let error = import(&request).unwrap_err().to_string();
        let words = "option \"exclude of t.bin\": expected nothing for arrays";
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn a_table_that_is_refused_still_shows_its_columns() {
    assert!(
        csv(PEOPLE)
            .unwrap_err()
            .contains("line 2, column 2 (\"name\")")
    );
    let request = Request::new(file("t.csv", PEOPLE.as_bytes()));
    let found = look(&request).unwrap();
    assert_eq!(found.columns, ["id", "name", "age", "height", "kind"]);
    assert_eq!(
        (found.label, found.header, found.delimiter),
        (Some(4), true, Some(b','))
    );
    assert_eq!(found.rows.len(), 4);
    assert_eq!(found.rows[3], ["10", "Dan", "21", "1.9", "dog"]);
    let mut wrong = request.clone();
    wrong.exclude = vec![at(4)];
    assert_eq!(look(&wrong).unwrap(), found, "as if nothing were left out");
    assert_eq!(
        look(&Request::new(file("t.csv", b"a\n1\n"))),
        None,
        "a single column"
    );
    assert_eq!(
        look(&Request::new(file("t.idx", &idx(8, &[4], &[1; 4])))),
        None
    );
}
